/** Handlers of glob and grep. */
import { resolve } from "node:path";
import type { Wants } from "@paddock/policy";
import { glob } from "../search/glob.ts";
import { grep } from "../search/grep.ts";
import type { Ripgrep } from "../search/ripgrep.ts";
import type { Handlers } from "./handler.ts";

const reads = ({ path = "." }: { path?: string | undefined }, { workspace }: { workspace: string }): Wants => ({
  paths: [{ path: resolve(workspace, path), access: "read" }],
});

const plural = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

const secretsWords = (count: number): string =>
  `; left out ${plural(count, "file whose name tells", "files whose names tell")} of secrets: name one as path to have the owner asked`;

export function searchHandlers(ripgrep: Ripgrep): Handlers<"glob" | "grep"> {
  return {
    glob: {
      wants: reads,
      async run(input, call) {
        const data = await glob(ripgrep, input, call);
        return {
          summary: `${plural(data.count, "file", "files")}${data.truncated ? ", and there are more" : ""}`,
          data,
        };
      },
    },
    grep: {
      wants: reads,
      async run(input, call) {
        const { data, leftOut } = await grep(ripgrep, input, call);
        const found = data.matches
          ? plural(data.count, "matching line", "matching lines")
          : plural(data.count, "file", "files");
        const more = data.truncated ? ", and there may be more" : "";
        const secrets = leftOut > 0 ? secretsWords(leftOut) : "";
        return { summary: `${found}${data.timed_out ? " before the time limit" : more}${secrets}`, data };
      },
    },
  };
}
