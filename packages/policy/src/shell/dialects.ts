/** What bash reads in its own way and another shell differently, so that bash's grammar does not tell what that shell does. */
import type { SyntaxNode } from "unbash";

const bashOnly = new Set<SyntaxNode["type"]>([
  "AnsiCQuoted",
  "ArithmeticCommand",
  "ArithmeticFor",
  "ArrayValue",
  "BraceExpansion",
  "Coproc",
  "ExtendedGlob",
  "FileDescriptorVariable",
  "HereString",
  "LocaleString",
  "ProcessSubstitution",
  "Select",
  "TestCommand",
  "Time",
]);

export function isBashOnly(node: SyntaxNode, text: string): boolean {
  if (bashOnly.has(node.type)) return true;
  switch (node.type) {
    case "Redirect":
      return node.operator.startsWith("&") || (node.operator === ">&" && !/^(\d+|-)$/.test(node.target?.value ?? ""));
    case "Pipeline":
      return node.operators.includes("|&");
    case "Function":
      return /^function\s/.test(text);
    case "CaseItem":
      return node.terminator !== undefined && node.terminator !== ";;";
    case "Assignment":
      return node.append === true || node.index !== undefined;
    case "CommandExpansion":
      return text.startsWith("${");
    case "ArithmeticExpansion":
      return text.startsWith("$[");
    case "ParameterExpansion":
      return node.prefix === "!" || node.index !== undefined || !isPortable(node.operation?.type);
    default:
      return false;
  }
}

const isPortable = (operation: string | undefined): boolean =>
  operation === undefined || operation === "Default" || operation === "Remove";
