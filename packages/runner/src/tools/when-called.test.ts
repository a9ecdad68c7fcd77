import assert from "node:assert/strict";
import { test } from "node:test";
import { researchTools } from "@paddock/contract/tools";
import type { Call, Place } from "./handler.ts";
import { whenCalled } from "./when-called.ts";

const nowhere = {} as Call & Place;

test("a group's code is loaded with the first call of one of its tools, once, and answers as if it had been there", async () => {
  let loaded = 0;
  const answer = { summary: "s", data: { results: [] } };
  const document = { id: "i", title: "t", text: "x", url: "u", metadata: {} };
  const handlers = whenCalled(researchTools, async () => {
    loaded += 1;
    return {
      search: { run: async () => answer },
      fetch: {
        wants: ({ id }) => ({ paths: [{ path: id, access: "read" }] }),
        run: async () => ({ summary: "s", data: document }),
      },
    };
  });
  assert.deepEqual([Object.keys(handlers), loaded], [["search", "fetch"], 0]);
  assert.deepEqual(
    await Promise.all([
      handlers.search.wants?.({ query: "q" }, nowhere),
      handlers.fetch.wants?.({ id: "/f" }, nowhere),
      handlers.search.run({ query: "q" }, nowhere),
    ]),
    [{}, { paths: [{ path: "/f", access: "read" }] }, answer],
  );
  assert.equal(loaded, 1);
});
