/** Finds what a regular expression matches in files. */
import { PaddockError } from "@paddock/contract";
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Call } from "../tools/handler.ts";
import { type Found, receivers } from "./grep-output.ts";
import { baseOf, type Ripgrep, search } from "./ripgrep.ts";
import { pathShower } from "./shown-path.ts";

export interface Grepped {
  data: OutputOf<"grep">;
  /** Files with matches that are not told of. */
  leftOut: number;
}

export async function grep(ripgrep: Ripgrep, input: InputOf<"grep">, call: Call): Promise<Grepped> {
  const place = call.roots.locate(input.path ?? call.workspace, call.workspace);
  const base = await baseOf(call.roots, place);
  if (input.pattern.includes("\0")) throw new PaddockError("invalid_pattern", "A pattern cannot contain a NUL byte.");
  const receiver = receivers[input.output_mode](pathShower(base.directory, call.workspace), input.head_limit);
  const { stopped, timedOut, leftOut } = await search(ripgrep, call, {
    base,
    options: [...modeOptions[input.output_mode](input), ...patternOptions(input)],
    filter: { glob: input.glob, includeHidden: input.include_hidden, includeIgnored: input.include_ignored },
    recordEnd: input.output_mode === "files_with_matches" ? 0 : 10,
    looksInside: true,
    receive: receiver.receive,
  });
  const found: Found = receiver.found();
  const data = {
    path: place.absolute,
    pattern: input.pattern,
    output_mode: input.output_mode,
    ...found,
    truncated: stopped || timedOut,
    timed_out: timedOut,
  };
  return { data, leftOut };
}

type GrepInput = InputOf<"grep">;

const modeOptions = {
  content: ({ head_limit, context_before, context_after, context_around }: GrepInput) => [
    "--null",
    "--line-number",
    "--no-heading",
    "--with-filename",
    "--no-context-separator",
    "--max-columns=2000",
    "--max-columns-preview",
    `--max-count=${head_limit + 1}`,
    `--before-context=${context_before || context_around}`,
    `--after-context=${context_after || context_around}`,
  ],
  files_with_matches: () => ["--null", "--files-with-matches"],
  count: () => ["--null", "--count", "--with-filename"],
} as const satisfies Record<GrepInput["output_mode"], (input: GrepInput) => readonly string[]>;

function patternOptions({ pattern, fixed_string, case_insensitive, multiline }: GrepInput): string[] {
  return [
    case_insensitive ? "--ignore-case" : "--case-sensitive",
    ...(fixed_string ? ["--fixed-strings"] : []),
    ...(multiline ? ["--multiline"] : []),
    `--regexp=${pattern}`,
  ];
}
