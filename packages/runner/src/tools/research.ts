/** Handlers of search and fetch, whose answers have the shape that research modes expect. */
import { resolve } from "node:path";
import { fetchFile, searchWorkspace, withoutPart } from "../search/research.ts";
import type { Ripgrep } from "../search/ripgrep.ts";
import type { Handlers } from "./handler.ts";

export function researchHandlers(ripgrep: Ripgrep): Handlers<"search" | "fetch"> {
  return {
    search: {
      wants: (_, { workspace }) => ({ paths: [{ path: workspace, access: "read" }] }),
      async run({ query }, call) {
        const data = await searchWorkspace(ripgrep, query, call);
        return { summary: `${data.results.length} results`, data };
      },
    },
    fetch: {
      wants: ({ id }, { workspace }) => ({ paths: [{ path: resolve(workspace, withoutPart(id)), access: "read" }] }),
      async run({ id }, call) {
        return { summary: `Fetched ${id.slice(0, 200)}`, data: await fetchFile(id, call) };
      },
    },
  };
}
