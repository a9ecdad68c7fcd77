/** Reads a shell text with bash's grammar and names what it would start. */
import { type Command, forEachChild, type ParsedScript, parse, type SyntaxNode, type Word } from "unbash";
import type { Doubt, Invocation, Script } from "./script.ts";

const maxTextLength = 64 * 1024;
const maxShownLength = 200;

/** Never throws. What it does not understand is in `unresolved`; what it found nevertheless is in `invocations`. */
export function readScript(text: string): Script {
  if (text.length > maxTextLength) {
    return {
      invocations: [],
      unresolved: [doubt("The text is too long to be read.", text)],
      redirects: [],
      directories: [],
    };
  }
  const invocations: Invocation[] = [];
  const unresolved: Doubt[] = [];
  const visit = (node: SyntaxNode): void => {
    if (node.type === "Script" && (node as ParsedScript).errors?.length) {
      unresolved.push(doubt("The text is not complete or not correct.", text));
    }
    if (node.type === "Command" && node.name) {
      const invocation = invocationOf(node, node.name, text);
      invocations.push(invocation);
      if (invocation.program === null || opaque.has(invocation.program.split("/").at(-1) ?? "")) {
        unresolved.push(doubt("What this starts is not told by its words.", invocation.text));
      }
    }
    forEachChild(node, visit);
  };
  visit(parse(text));
  return { invocations, unresolved, redirects: [], directories: [] };
}

const opaque = new Set(
  "alias awk bash builtin command dash doas env eval exec find nice node nohup perl php python python3 ruby sh source su sudo timeout trap xargs zsh .".split(
    " ",
  ),
);

function invocationOf(command: Command, name: Word, text: string): Invocation {
  return {
    program: literal(name),
    args: command.args.map((argument) => (argument.type === "Word" ? literal(argument) : argument.text)),
    through: [],
    text: text.slice(command.pos, command.end).slice(0, maxShownLength),
    kind: "program",
  };
}

function literal({ text, value, parts }: Word): string | null {
  if (text.startsWith("~")) return null;
  return (parts ?? []).every(({ type }) => type === "Literal" || type === "SingleQuoted") ? value : null;
}

const doubt = (reason: string, text: string): Doubt => ({ reason, text: text.slice(0, maxShownLength) });
