/** `search` and `fetch` in the exact shape that research modes of chat clients call. The only tools without the envelope. */
import * as z from "zod";
import { defineTool } from "../tool.ts";

const found = { id: z.string(), title: z.string(), url: z.string() };

export const researchTools = {
  search: defineTool({
    name: "search",
    title: "Search the workspace",
    summary: "Find files of the workspace by words in their name or content. Give an id of the results to fetch.",
    effect: "reads",
    toolset: "full",
    envelope: false,
    input: z.object({ query: z.string().min(1).max(1000) }),
    output: z.object({ results: z.array(z.object(found)) }),
  }),
  fetch: defineTool({
    name: "fetch",
    title: "Fetch a file",
    summary: "Give the text of a file that search found. A long one goes on under the id in metadata.next_id.",
    effect: "reads",
    toolset: "full",
    envelope: false,
    input: z.object({ id: z.string().min(1).max(4200) }),
    output: z.object({ ...found, text: z.string(), metadata: z.record(z.string(), z.string()) }),
  }),
} as const;
