/** Goes through all that a parsed text holds, and gives every simple command to `command`. */
import {
  type ArithmeticExpression,
  type Assignment,
  type Command,
  type CommandExpansionPart,
  forEachChild,
  type ParameterExpansionPart,
  type ParsedScript,
  type ProcessSubstitutionPart,
  type Redirection,
  type SyntaxNode,
  type TestBinaryExpression,
  type TestUnaryExpression,
  type Word,
} from "unbash";
import { isPlainArithmetic, isPlainIndex } from "./arithmetic.ts";
import { isBashOnly } from "./dialects.ts";
import { type Expanded, expand } from "./expanded.ts";
import type { Numbers } from "./numbers.ts";
import type { Place, Reading } from "./reading.ts";
import { changesWhatRuns, isLoaded } from "./variables.ts";

export interface Walk {
  reading: Reading;
  numbers: Numbers;
  place: Place;
  command(command: Command, source: string): void;
}

const maxDepth = 300;

export function walkScript(script: ParsedScript, text: string, walk: Walk): void {
  visit(script, text, 0, walk);
}

function visit(node: SyntaxNode, source: string, depth: number, walk: Walk): void {
  if (!walk.reading.spend((cost[node.type] ?? 0) * (node.end - node.pos))) return;
  const own = node.type === "Script" ? (node.source ?? source) : source;
  const text = own.slice(node.pos, node.end);
  if (depth > maxDepth || isTangled(node, text)) {
    walk.reading.doubt("The text is too deeply nested to be read.", text);
    return;
  }
  if (walk.place.dialect !== "bash" && isBashOnly(node, text)) {
    walk.reading.doubt("This means one thing to bash and another to other shells.", text);
  }
  if (node.type === "Command") walk.command(node, own);
  else note(node, text, walk);
  const enter = () => forEachChild(node, (child) => visit(child, own, depth + 1, walk));
  if (isScope.has(node.type)) walk.numbers.scope(enter);
  else enter();
}

/** The parser's work on words grows with their length times the depth of expansions within them. */
const isTangled = (node: SyntaxNode, text: string): boolean =>
  text.length > 2_000 && hasWords.has(node.type) && text.length * text.split("${").length > 2_000_000;

const hasWords = new Set<SyntaxNode["type"]>([
  "Case",
  "Command",
  "For",
  "HereDocBody",
  "Select",
  "TestCommand",
  "Word",
]);

/** For each character: parts that are parsed only when they are looked at, each from its own text. */
const cost: { [T in SyntaxNode["type"]]?: number } = {
  ArithmeticExpansion: 1,
  CommandExpansion: 1,
  DoubleQuoted: 1,
  HereDocBody: 1,
  ParameterExpansion: 5,
  ProcessSubstitution: 1,
  Script: 1,
  Word: 1,
};

/** What stands in there may never be run. */
const isScope = new Set<SyntaxNode["type"]>([
  "AndOr",
  "CaseItem",
  "CommandExpansion",
  "Coproc",
  "Elif",
  "For",
  "ArithmeticFor",
  "Function",
  "If",
  "Pipeline",
  "ProcessSubstitution",
  "Select",
  "Subshell",
  "While",
]);

type Notes = { [T in SyntaxNode["type"]]?: (node: Extract<SyntaxNode, { type: T }>, text: string, walk: Walk) => void };

/** What each kind of part says about the run. */
const notes: Notes = {
  ArithmeticCommand: ({ expression }, text, walk) => noteArithmetic(expression, text, walk),
  ArithmeticExpansion: ({ expression }, text, walk) => noteArithmetic(expression, text, walk),
  ArithmeticFor: ({ initialize, test, update }, text, walk) => {
    for (const part of [initialize, test, update]) if (part) noteArithmetic(part, text, walk);
  },
  CommandExpansion: noteSubstitution,
  ExtendedGlob: (_, text, { reading }) =>
    reading.doubt("An extended pattern, which means something else where they are switched off.", text),
  For: ({ name }, text, walk) => assignName(name.value, text, walk),
  Function: ({ name }, _, walk) => define(name, walk),
  HereDoc: noteRedirection,
  HereString: noteRedirection,
  ParameterExpansion: noteParameter,
  ProcessSubstitution: noteSubstitution,
  Redirect: noteRedirection,
  Script: ({ errors }, text, { reading }) => {
    if (errors?.length) reading.doubt(`Not correct as bash reads it: ${errors[0]?.message}.`, text);
  },
  Select: ({ name }, text, walk) => assignName(name.value, text, walk),
  TestBinary: noteTest,
  TestUnary: noteTest,
};

function note(node: SyntaxNode, text: string, walk: Walk): void {
  const noteOne = notes[node.type] as ((node: SyntaxNode, text: string, walk: Walk) => void) | undefined;
  noteOne?.(node, text, walk);
}

function noteSubstitution(
  { script }: CommandExpansionPart | ProcessSubstitutionPart,
  text: string,
  { reading }: Walk,
): void {
  if (!script) reading.doubt("A substitution that cannot be read.", text);
}

function noteTest(node: TestUnaryExpression | TestBinaryExpression, text: string, { reading, numbers }: Walk): void {
  if (!isPlainTest(node, numbers)) reading.doubt("A test that may evaluate the content of a variable.", text);
}

function define(name: Word, { reading }: Walk): void {
  if (name.parts !== undefined) reading.doubt("A function whose name depends on the run.", name.text);
  reading.functions.add(name.value);
}

function noteRedirection(node: Redirection, text: string, walk: Walk): void {
  if (node.descriptor?.type === "FileDescriptorVariable") assignName(node.descriptor.name, text, walk);
  if (node.type === "HereDoc" && !node.closing) walk.reading.doubt("A here-document without an end.", text);
  if (node.type !== "Redirect" || !node.target) return;
  const [target] = expand(node.target);
  if (target?.text == null || isDescriptor(node.operator, target.text)) return;
  walk.reading.redirect(target.text, node.operator === "<" ? "read" : "write");
}

const isDescriptor = (operator: string, target: string): boolean =>
  operator.endsWith("&") && /^(\d+-?|-)$/.test(target);

function noteParameter(node: ParameterExpansionPart, text: string, walk: Walk): void {
  const { operation, prefix, index, parameter } = node;
  const { reading, numbers } = walk;
  if (prefix === "!" && operation?.type !== "Names" && !/^[@*]$/.test(index?.value ?? "")) {
    reading.doubt("An expansion of whatever another variable names.", text);
  }
  if (operation?.type === "Transform" || operation?.type === "Unknown") {
    reading.doubt("An expansion that may evaluate the content of a variable.", text);
  }
  if (operation?.type === "Default" && operation.operator.includes("=")) assignName(parameter, text, walk);
  const indexes = [index, ...(operation?.type === "Slice" ? [operation.offset, operation.length] : [])];
  if (!indexes.every((word) => word === undefined || isPlainIndex(word, numbers))) {
    reading.doubt("An index that may evaluate the content of a variable.", text);
  }
}

function noteArithmetic(expression: ArithmeticExpression | undefined, text: string, { reading, numbers }: Walk): void {
  if (expression === undefined && /[A-Za-z$`]/.test(text)) reading.doubt("Arithmetic that cannot be read.", text);
  if (!isPlainArithmetic(expression, numbers)) {
    reading.doubt("Arithmetic that may evaluate the content of a variable.", text);
  }
}

const comparesNumbers = new Set(["-eq", "-ne", "-lt", "-le", "-gt", "-ge"]);

function isPlainTest(node: TestUnaryExpression | TestBinaryExpression, numbers: Numbers): boolean {
  if (node.type === "TestUnary") return !["-v", "-R"].includes(node.operator) || /^\w+$/.test(node.operand.text);
  if (!comparesNumbers.has(node.operator)) return true;
  return isPlainIndex(node.left, numbers) && isPlainIndex(node.right, numbers);
}

/** A variable that gets what depends on the run. */
function assignName(name: string, text: string, { reading, numbers }: Walk): void {
  numbers.assign(name, null);
  if (changesWhatRuns(name)) reading.doubt(`The variable ${name} changes what programs start.`, text);
}

/** `lasts`: it stays after the command. */
export function assign(assignment: Assignment, lasts: boolean, walk: Walk): void {
  const { name, value, index, append, text } = assignment;
  const { reading, numbers } = walk;
  // Programs take no IFS from outside, and a fixed text is not split by it.
  if (changesWhatRuns(name) && (lasts || name !== "IFS")) {
    reading.doubt(`The variable ${name} changes what programs start.`, text);
  }
  if (index !== undefined && !isPlainIndex(index, numbers)) {
    reading.doubt("An index that may evaluate the content of a variable.", text);
  }
  const values = (value.type === "ArrayValue" ? value.elements : [value]).flatMap((word) => expand(word));
  if (values.some((found) => found.text !== null && isLoaded(found.text))) {
    reading.doubt("A variable gets text that arithmetic would run.", text);
  }
  const isPlain = value.type === "Word" && !append && lasts;
  numbers.assign(name, isPlain ? numberIn(value, values[0]) : null);
}

/** What a sum gives is a number, whichever. */
function numberIn({ parts = [] }: Word, found: Expanded | undefined): string | null {
  return parts.length === 1 && parts[0]?.type === "ArithmeticExpansion" ? "0" : (found?.text ?? null);
}
