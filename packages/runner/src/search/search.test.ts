/** Glob, grep and research on real trees, in real cages. */
import assert from "node:assert/strict";
import { symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type InputOf, tools } from "@paddock/contract/tools";
import { needs } from "../../../../test/needs.ts";
import { codeOf } from "../files/tree.fixture.ts";
import { glob } from "./glob.ts";
import { grep } from "./grep.ts";
import { fetchFile, searchWorkspace } from "./research.ts";
import { type SearchWorld, searchWorld } from "./search.fixture.ts";

const files = {
  ".gitignore": "build/\n*.log.ts\n",
  "src/a.ts": "needle one\nfoo\nneedle two\n",
  "src/deep/b.ts": "Needle\r\nlast",
  "src/c.js": "needle js\n",
  "src/debug.log.ts": "needle ignored\n",
  "build/out.ts": "needle ignored\n",
  "node_modules/m/index.ts": "needle module\n",
  ".github/ci.ts": "needle hidden\n",
  ".git/x.ts": "needle git\n",
  "keys/id.ts": "needle key\n",
  "-e.ts": "needle dash\n",
  "#we ird!.ts": "needle odd\n",
  "binary.ts": "needle\0\u0001",
};
const hidden = ["keys"];

const globFor = (world: SearchWorld, input: Partial<InputOf<"glob">> & { pattern: string }) =>
  glob(world.ripgrep, tools.glob.input.parse(input), world.call);
const grepFor = (world: SearchWorld, input: Partial<InputOf<"grep">> & { pattern: string }) =>
  grep(world.ripgrep, tools.grep.input.parse(input), world.call).then(({ data }) => data);
const world = (context: TestContext) => searchWorld(context, "bwrap", files, hidden);

test("a glob finds what its pattern names, less what is ignored, hidden or secret", needs("bwrap"), async (context) => {
  const searched = await world(context);
  const rows: [Partial<InputOf<"glob">> & { pattern: string }, string[]][] = [
    [{ pattern: "*.ts" }, ["#we ird!.ts", "-e.ts", "binary.ts", "src/a.ts", "src/deep/b.ts"]],
    [{ pattern: "**/*.ts", path: "src" }, ["src/a.ts", "src/deep/b.ts"]],
    [{ pattern: "src/*.ts" }, ["src/a.ts"]],
    [{ pattern: "./src/*.ts" }, ["src/a.ts"]],
    [{ pattern: join(searched.root, "src/*.{ts,js}") }, ["src/a.ts", "src/c.js"]],
    [{ pattern: "src/" }, ["src/a.ts", "src/c.js", "src/deep/b.ts"]],
    [{ pattern: ".github/*" }, [".github/ci.ts"]],
    [{ pattern: "!*.ts" }, ["src/c.js"]],
    [{ pattern: "*.ts", include_hidden: true, path: ".github" }, [".github/ci.ts"]],
    [{ pattern: "*.log.ts", include_ignored: true }, ["src/debug.log.ts"]],
    [{ pattern: "id.ts", include_hidden: true, include_ignored: true }, []],
    [{ pattern: "x.ts", include_hidden: true, include_ignored: true }, []],
    [{ pattern: "#*" }, ["#we ird!.ts"]],
    [{ pattern: "-*" }, ["-e.ts"]],
  ];
  for (const [input, expected] of rows) {
    const { matches, count } = await globFor(searched, input);
    assert.deepEqual(
      { matches: matches.toSorted(), count },
      { matches: expected, count: expected.length },
      JSON.stringify(input),
    );
  }
});

test("a glob gives the newest first, also when it is cut off", needs("bwrap"), async (context) => {
  const searched = await searchWorld(context, "bwrap", {});
  for (let age = 0; age < 40; age += 1) {
    const path = join(searched.root, `file${(age * 17) % 40}.txt`);
    writeFileSync(path, "");
    utimesSync(path, 1_700_000_000 - age, 1_700_000_000 - age);
  }
  const { matches, truncated } = await globFor(searched, { pattern: "*.txt", max_results: 5 });
  assert.deepEqual(
    { matches, truncated },
    { matches: [0, 17, 34, 11, 28].map((name) => `file${name}.txt`), truncated: true },
  );
});

test("grep answers with matching lines, files or counts", needs("bwrap"), async (context) => {
  const searched = await world(context);
  assert.deepEqual(await grepFor(searched, { pattern: "needle", glob: "*.{ts,js}" }), {
    path: searched.root,
    pattern: "needle",
    output_mode: "content",
    matches: [
      { path: "#we ird!.ts", line: 1, text: "needle odd" },
      { path: "-e.ts", line: 1, text: "needle dash" },
      { path: "src/a.ts", line: 1, text: "needle one" },
      { path: "src/a.ts", line: 3, text: "needle two" },
      { path: "src/c.js", line: 1, text: "needle js" },
    ],
    count: 5,
    truncated: false,
    timed_out: false,
  });
  const inFiles = await grepFor(searched, {
    pattern: "NEEDLE",
    case_insensitive: true,
    output_mode: "files_with_matches",
    path: "src",
  });
  assert.deepEqual(inFiles.files, ["src/a.ts", "src/c.js", "src/deep/b.ts"]);
  const counted = await grepFor(searched, { pattern: "needle", output_mode: "count", path: "src", glob: "!*.js" });
  assert.deepEqual(counted.counts, [{ path: "src/a.ts", count: 2 }]);
});

test(
  "grep takes a file, context, several lines, literal text and patterns that look like options",
  needs("bwrap"),
  async (context) => {
    const searched = await world(context);
    const matchesFor = async (input: Partial<InputOf<"grep">> & { pattern: string }) =>
      (await grepFor(searched, input)).matches;
    assert.deepEqual(await matchesFor({ pattern: "needle", path: "src/a.ts", context_around: 1, head_limit: 1 }), [
      { path: "src/a.ts", line: 1, text: "needle one" },
      { path: "src/a.ts", line: 2, text: "foo", context: true },
    ]);
    assert.deepEqual(await matchesFor({ pattern: "one\\nfoo", multiline: true }), [
      { path: "src/a.ts", line: 1, text: "needle one" },
      { path: "src/a.ts", line: 2, text: "foo" },
    ]);
    assert.deepEqual(await matchesFor({ pattern: "Needle$", path: "src/deep" }), []);
    assert.deepEqual(await matchesFor({ pattern: "--files" }), []);
    assert.deepEqual(await matchesFor({ pattern: "(", fixed_string: true }), []);
    assert.deepEqual(await matchesFor({ pattern: "needle", path: "binary.ts" }), []);
    assert.deepEqual(await matchesFor({ pattern: "needle", path: ".github/ci.ts" }), [
      { path: ".github/ci.ts", line: 1, text: "needle hidden" },
    ]);
  },
);

test("a grep that reaches its limit stops and says that there is more", needs("bwrap"), async (context) => {
  const searched = await searchWorld(context, "bwrap", {
    many: "hit\n".repeat(100_000),
    long: `hit${"x".repeat(3_000_000)}\n`,
  });
  const found = await grepFor(searched, { pattern: "hit", head_limit: 3, path: "many" });
  assert.deepEqual([found.matches?.length, found.count, found.truncated], [3, 3, true]);
  const exact = await grepFor(searched, { pattern: "hit", path: "long" });
  assert.deepEqual([exact.count, exact.truncated], [1, false]);
  assert.ok((exact.matches?.[0]?.text.length ?? 0) < 2100, "a long line is shortened");
});

test(
  "searches that cannot be made are refused with a code, and the next one works",
  needs("bwrap"),
  async (context) => {
    const searched = await world(context);
    symlinkSync(searched.outside, join(searched.root, "out"));
    const rows: [Partial<InputOf<"grep">> & { pattern: string }, string][] = [
      [{ pattern: "(" }, "invalid_pattern"],
      [{ pattern: "(?=x)" }, "invalid_pattern"],
      [{ pattern: "a{100000}{100}" }, "invalid_pattern"],
      [{ pattern: "a\\nb" }, "invalid_pattern"],
      [{ pattern: "a\0b" }, "invalid_pattern"],
      [{ pattern: "a", glob: "[" }, "invalid_pattern"],
      [{ pattern: "a", glob: "{a" }, "invalid_pattern"],
      [{ pattern: "a", glob: "a\n!b" }, "invalid_pattern"],
      [{ pattern: "a", path: "missing" }, "path_not_found"],
      [{ pattern: "a", path: "keys" }, "denied"],
      [{ pattern: "a", path: "out" }, "path_outside_roots"],
      [{ pattern: "a", path: "../app-evil" }, "path_outside_roots"],
    ];
    for (const [input, code] of rows)
      assert.equal(await codeOf(() => grepFor(searched, input)), code, JSON.stringify(input));
    assert.equal((await grepFor(searched, { pattern: "(a+)+$", path: "src" })).count, 0);
    const cancelled = { ...searched, call: { ...searched.call, signal: AbortSignal.abort() } };
    assert.equal(await codeOf(() => grepFor(cancelled, { pattern: "a" })), "cancelled");
    assert.equal((await grepFor(searched, { pattern: "foo" })).count, 1);
  },
);

test(
  "ignore files count from the root down, whether or not the search starts there",
  needs("bwrap"),
  async (context) => {
    const ignoring = { ".gitignore": "a.ts\n", ".git/info/exclude": "b.ts\n", "src/.ignore": "c.ts\n" };
    const all = ["a", "b", "c", "d"].map((name) => [`src/deep/${name}.ts`, ""]);
    const searched = await searchWorld(context, "bwrap", { ...ignoring, ...Object.fromEntries(all) });
    writeFileSync(join(searched.top, ".ignore"), "d.ts\n");
    for (const path of [".", "src"]) {
      const { matches } = await globFor(searched, { pattern: "*.ts", path });
      assert.deepEqual(matches, ["src/deep/d.ts"], path);
    }
  },
);

test("without a cage, too, secret places do not appear and links are not followed", async (context) => {
  const searched = await searchWorld(context, "none", files, hidden);
  symlinkSync(searched.outside, join(searched.root, "out"));
  const found = await grepFor(searched, {
    pattern: "needle key|nobody may",
    include_hidden: true,
    include_ignored: true,
  });
  assert.deepEqual(found.matches, []);
  const { matches } = await globFor(searched, { pattern: "*", include_hidden: true, include_ignored: true });
  assert.ok(!matches.some((path) => /^(keys|out|\.git)\//.test(path)), matches.join());
});

test("research finds by name and content, and fetches in parts", needs("bwrap"), async (context) => {
  const searched = await searchWorld(context, "bwrap", {
    "docs/login.md": "How sessions end.\n",
    "src/auth.ts": "login login\nlogin\n",
    "src/other.ts": "nothing\n",
    "long.txt": "0123456789\n".repeat(20_000),
  });
  const { results } = await searchWorkspace(searched.ripgrep, "How does the Login work?", searched.call);
  assert.deepEqual(
    results.map(({ id }) => id),
    ["docs/login.md", "src/auth.ts"],
  );
  assert.deepEqual(results[1], { id: "src/auth.ts", title: "src/auth.ts", url: `file://${searched.root}/src/auth.ts` });
  assert.deepEqual((await searchWorkspace(searched.ripgrep, "?!", searched.call)).results, []);
  let text = "";
  for (let id: string | undefined = "long.txt"; id !== undefined; ) {
    const part: Awaited<ReturnType<typeof fetchFile>> = await fetchFile(id, searched.call);
    text += part.text;
    id = part.metadata.next_id;
  }
  assert.equal(text, "0123456789\n".repeat(20_000));
  assert.equal(await codeOf(() => fetchFile("../app-evil/secret", searched.call)), "path_outside_roots");
  assert.equal(await codeOf(() => fetchFile("missing#line=2", searched.call)), "path_not_found");
});

test(
  "a file whose name tells of secrets is left out and counted, and searched when it is named",
  needs("bwrap"),
  async (context) => {
    const searched = await searchWorld(context, "bwrap", {
      ".env": "KEY=1\nKEY=2\n",
      "a.ts": "KEY\n",
      "tls/server.key": "KEY\n",
    });
    for (const output_mode of ["content", "files_with_matches", "count"] as const) {
      const input = tools.grep.input.parse({ pattern: "KEY", include_hidden: true, output_mode });
      const { data, leftOut } = await grep(searched.ripgrep, input, searched.call);
      assert.deepEqual([data.count, leftOut], [1, 2], output_mode);
    }
    assert.equal((await grepFor(searched, { pattern: "KEY", path: ".env" })).count, 2);
    const { results } = await searchWorkspace(searched.ripgrep, "key", searched.call);
    assert.deepEqual(
      results.map(({ id }) => id),
      ["tls/server.key", "a.ts"],
    );
  },
);
