import assert from "node:assert/strict";
import { test } from "node:test";
import * as z from "zod";
import { toolsFingerprint } from "./fingerprint.ts";
import { defineTool } from "./tool.ts";

const declared = {
  name: "look",
  title: "Look",
  summary: "Look at something.",
  effect: "reads",
  toolset: "core",
  input: z.object({ at: z.string(), depth: z.number().int().default(1) }),
  output: z.object({ seen: z.array(z.string()) }),
} as const;
const look = defineTool(declared);
const touch = defineTool({ ...declared, name: "touch", effect: "changes" });

test("the fingerprint is 16 hex digits and does not depend on the order of the tools", async () => {
  const one = await toolsFingerprint([look, touch]);
  assert.match(one, /^[0-9a-f]{16}$/);
  assert.equal(await toolsFingerprint([touch, look]), one);
});

test("every part of a declaration that a client sees changes the fingerprint", async () => {
  const original = await toolsFingerprint([look]);
  const changed = [
    { ...look, title: "See" },
    { ...look, summary: "Look harder." },
    { ...look, effect: "executes" as const },
    { ...look, toolset: "full" as const },
    { ...look, input: z.object({ at: z.string() }) },
    { ...look, output: z.object({ seen: z.string() }) },
  ];
  const fingerprints = await Promise.all(changed.map((tool) => toolsFingerprint([tool])));
  assert.equal(new Set([original, ...fingerprints]).size, changed.length + 1);
});
