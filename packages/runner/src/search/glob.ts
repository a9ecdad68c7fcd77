/** Finds files by name, the newest first. */
import type { InputOf, OutputOf } from "@paddock/contract/tools";
import type { Call } from "../tools/handler.ts";
import { baseOf, type Ripgrep, search } from "./ripgrep.ts";
import { pathShower } from "./shown-path.ts";

export async function glob(ripgrep: Ripgrep, input: InputOf<"glob">, call: Call): Promise<OutputOf<"glob">> {
  const place = call.roots.locate(input.path ?? call.workspace, call.workspace);
  const base = await baseOf(call.roots, place);
  const shown = pathShower(base.directory, call.workspace);
  const matches: string[] = [];
  const { stopped, timedOut } = await search(ripgrep, call, {
    base,
    options: ["--files", "--sortr=modified", "--null"],
    filter: { glob: input.pattern, includeHidden: input.include_hidden, includeIgnored: input.include_ignored },
    recordEnd: 0,
    receive(record) {
      if (matches.length === input.max_results) return false;
      matches.push(shown(record.toString("utf8")));
      return true;
    },
  });
  return {
    path: place.absolute,
    pattern: input.pattern,
    matches,
    count: matches.length,
    truncated: stopped || timedOut,
  };
}
