/** Hundreds of odd inputs for every tool, the same at each run: each answer is a known one, and the machine goes on. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { errors, inputSchemaOf } from "@paddock/contract";
import { type ToolName, tools } from "@paddock/contract/tools";
import { needs } from "../needs.ts";
import { startWorld, type World } from "../world/world.ts";
import { prepareGround, surfacesOf } from "./ground.ts";

interface Schema {
  type?: string | string[];
  pattern?: string;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
}

const rounds = 12;
const longName = "n".repeat(255);
const paths = [
  ...["", ".", "..", "/", "./", "-", "--help", "~", "*", "[", "\n", "a\0b", "\ud800", `${longName}n`],
  ...["README.md", "README.md/", "README.md/x", "dir", "dir/", "src//a.ts", "src/../src/a.ts", "new/a/b", longName],
  ...["loop", "loop/x", "dangling", "dangling/x", "link", "link/a.ts", "out", "out/passwd", "fifo", "odd é\nname"],
  ...["empty", "bad-utf8", "crlf.txt", "binary", "pixel.png", "large.txt", "/dev/null", "/proc/self/environ"],
];
const patches = [
  "*** Begin Patch\n*** Update File: src/a.ts\n@@\n-a\n+b\n*** End Patch",
  "*** Begin Patch\n*** Update File: README.md\n*** Move to: dir\n@@\n-A project.\n+B\n*** End Patch",
  "diff --git a/x b/y\nsimilarity index 100%\nrename from README.md\nrename to dir/README.md\n",
  "@@ -1 +1 @@\n-A project.\n+B project.\n",
];
const words = [
  ...["const", "(", "[a-", "a{1,99999}", "\\", "$&", "x y", "true", "AAAA", "=", "g", "zz", "0.0", "1.99999"],
  ...["HEAD", "HEAD~1", "main", "nope", "@{u}", "main..HEAD", ":/x", "^", "greet", "wild", "go.sh", "notes", "echo"],
  ...["echo hi", "cd /nonexistent", "exit 3", "kill -9 $$", "exec true", "echo 'x"],
];
const numbers = [0, 1, 2, -1, 1.5, 500, 100_000, 1e15];

/** The same numbers at each run. */
function dice(seed: number) {
  let state = seed;
  return <T>(choices: readonly T[]): T => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return choices[Math.floor((state / 2 ** 31) * choices.length)] as T;
  };
}
type Pick = ReturnType<typeof dice>;

const makers: Record<string, (schema: Schema, name: string, pick: Pick) => unknown> = {
  string: (_, name, pick) => pick(/path|source|destination|file|directory/.test(name) ? paths : [...words, ...patches]),
  integer: (_, name, pick) => (name.endsWith("_seconds") ? pick([0, 1, 2]) : pick(numbers)),
  boolean: (_, __, pick) => pick([true, false]),
  array: ({ items = {} }, name, pick) => pick([[1], [1, 2], [1, 2, 3]]).map(() => made(items, name, pick)),
  object: ({ properties = {}, required = [] }, _, pick) =>
    Object.fromEntries(
      Object.entries(properties)
        .filter(([key]) => required.includes(key) || pick([true, false, false]))
        .map(([key, schema]) => [key, made(schema, key, pick)]),
    ),
};

function made(schema: Schema, name: string, pick: Pick): unknown {
  if (schema.anyOf) return made(pick(schema.anyOf), name, pick);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return pick(schema.enum);
  const [, prefix] = /^\^(prc|cp|run)_/.exec(schema.pattern ?? "") ?? [];
  if (prefix !== undefined) return `${prefix}_${"0".repeat(26)}`;
  const type = Array.isArray(schema.type) ? pick(schema.type) : (schema.type ?? "string");
  return (makers[type] ?? makers.integer)?.(schema, name, pick);
}

function makeOdd({ workspace }: World): void {
  const at = (name: string) => join(workspace, name);
  for (const [name, target] of Object.entries({ loop: "loop", dangling: "nowhere", link: "src", out: "/etc" })) {
    symlinkSync(target, at(name));
  }
  execFileSync("/usr/bin/mkfifo", [at("fifo")]);
  writeFileSync(at("odd é\nname"), "x");
  writeFileSync(at("empty"), "");
  writeFileSync(at("bad-utf8"), Uint8Array.of(0xc3, 0x28, 10));
  writeFileSync(at("crlf.txt"), "a\r\nb\r\n");
}

/** Leaving the cage would wait for the owner. */
const asks = new Set<ToolName>(["git_push", "git_pull"]);

/** What is no fault of the tool's: the time that a call has, and what the machine does not have, such as a desktop. */
const outside: ReadonlySet<string> = new Set(["timeout", "unavailable"]);

test("no input makes a tool fail for a reason that is not told", {
  ...needs("bwrap", "git"),
  timeout: 300_000,
}, async () => {
  await using world = await startWorld({ settings: { PADDOCK_COMMAND_TIMEOUT_SECONDS: "3" } });
  await prepareGround(world);
  makeOdd(world);
  const at = surfacesOf(world, await world.token());
  const pick = dice(7);
  for (let round = 0; round < rounds; round += 1) {
    for (const tool of Object.values(tools)) {
      const input = made(inputSchemaOf(tool) as Schema, "", pick) as Record<string, unknown>;
      delete input.needs;
      if (asks.has(tool.name)) delete input.remote;
      const { body, status } = await at.rest(tool.name, input);
      const said = `${tool.name} ${JSON.stringify(input).slice(0, 500)}: ${body.summary}`;
      if (body.ok === false) assert.equal(Object.hasOwn(errors, body.data.code), true, said);
      assert.equal(status < 500 || outside.has(body.data.code), true, said);
    }
  }
  assert.equal((await at.rest("run_command", { command: "echo alive" })).body.data.stdout, "alive\n");
});
