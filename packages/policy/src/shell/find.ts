/** `find`, whose expressions start programs in the midst of their words. */
import { type Expanded, isOperand, oneWord } from "./expanded.ts";
import type { Call } from "./reading.ts";
import { withUnknown } from "./wrappers.ts";

const starting = new Set(["-exec", "-execdir", "-ok", "-okdir"]);

/** False when it is another program. */
export function readFind(name: string, call: Call): boolean {
  if (name !== "find" && name !== "gfind") return false;
  const { args } = call;
  if (hidesAction(args))
    call.reading.doubt("A word of find that depends on the run may be an action.", call.place.text);
  for (const [index, { text }] of args.entries()) {
    if (text === "-delete") nameDeletion(call);
    if (text === null || !starting.has(text) || !call.reading.spend(args.length)) continue;
    const rest = args.slice(index + 1);
    const end = rest.findIndex((word, at) => word.text === ";" || (word.text === "+" && rest[at - 1]?.text === "{}"));
    const words = rest.slice(0, end < 0 ? undefined : end).map((word) => withFile(word, args[0]?.start ?? ""));
    call.further.start(words, { ...call.place, through: [...call.place.through, `${name} ${text}`], input: null });
  }
  return true;
}

/** Files begin with the folder that is searched, which is never an option. */
function withFile(word: Expanded, folder: string): Expanded {
  const found = withUnknown(word, "{}");
  return found.text === null && found.start === ""
    ? oneWord(/^[^-(!]/.test(folder) ? folder : "./", found.draft)
    : found;
}

/** It removes files itself, which a rule about `rm` should not miss. */
function nameDeletion({ reading, place }: Call): void {
  reading.name({
    program: "rm",
    args: [null],
    through: [...place.through, "find -delete"],
    text: place.text,
    kind: "builtin",
  });
}

/** Actions need an end, so one unknown word alone is none where the next one is no program. */
function hidesAction(args: readonly Expanded[]): boolean {
  if (args.some((word) => word.count === "any")) return true;
  const hasEnd = args.some(({ text }) => text === ";" || text === "+");
  return args.some((word, index) => {
    if (word.text !== null || isOperand(word)) return false;
    const next = args[index + 1];
    return word.count === "files" || (hasEnd && next !== undefined && !/^[-(!]/.test(next.start));
  });
}
