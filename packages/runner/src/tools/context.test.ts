import assert from "node:assert/strict";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { openProjectMemory } from "../context/project-memory.ts";
import { contextHandlers } from "./context.ts";
import { makePlace, type TestPlace } from "./place.fixture.ts";

const facts = {
  version: "0.1.0",
  sandbox: { kind: "bwrap", enforced: ["network"], not_enforced: [] },
  audit_log: "/state/audit.jsonl",
  undo: { enabled: true, max_count: 500, max_days: 30, max_file_bytes: 5_242_880 },
  tool_list: "abc",
};

const memoryOf = (place: TestPlace) =>
  openProjectMemory({ maxBytes: 25_000, maxLines: 200, ownerFile: join(place.state, "memory.md") });

const handlersOf = (place: TestPlace) =>
  contextHandlers({
    memory: memoryOf(place),
    checkpoints: place.checkpoints,
    facts: () => facts,
    bridged: () => [{ id: "notes", state: "stopped" }],
  });

const wanted = { max_depth: 3, max_bytes_per_file: 60_000, max_files: 50 };

test("agent_status says where one is and what holds there", async () => {
  await using place = makePlace();
  const { data } = await handlersOf(place).agent_status.run({}, place.call());
  tools.agent_status.output.parse(data);
  const { cheat_sheet: sheet, description, ...rest } = data;
  assert.ok(sheet.length > 3 && description.length > 20);
  assert.deepEqual(rest, {
    ...facts,
    profile: "workspace",
    workspace: place.workspace,
    roots: [{ path: place.workspace, write: true }],
    bridged_servers: [{ id: "notes", state: "stopped" }],
  });
});

test("agent_status answers when the list of bridged servers is broken", async () => {
  await using place = makePlace();
  const broken = () => {
    throw new PaddockError("invalid_config", "bridge.json: unreadable");
  };
  const parts = { memory: memoryOf(place), checkpoints: place.checkpoints, facts: () => facts, bridged: broken };
  const { data } = await contextHandlers(parts).agent_status.run({}, place.call());
  assert.deepEqual(data.bridged_servers, [{ id: "bridge.json", state: "bridge.json: unreadable" }]);
});

test("project_context finds instructions in every directory and configuration at the top", async () => {
  await using place = makePlace();
  place.write({
    "AGENTS.md": "Top. @docs/how.md",
    "docs/how.md": "How.",
    "package.json": "{}",
    "lib/package.json": "{}",
    "lib/AGENTS.md": "Lib.",
    "lib/.cursor/rules/x.mdc": "Rule.",
    "node_modules/x/README.md": "no",
    "a/b/c/README.md": "deep",
    "a/b/c/d/README.md": "too deep",
  });
  const { data } = await handlersOf(place).project_context.run(wanted, place.call());
  tools.project_context.output.parse(data);
  assert.deepEqual(
    data.files.map(({ path, source, content }) => [path, source, content]),
    [
      ["AGENTS.md", "project", "Top. @docs/how.md"],
      ["docs/how.md", "import", "How."],
      ["package.json", "configuration", "{}"],
      ["lib/AGENTS.md", "project", "Lib."],
      ["lib/.cursor/rules/x.mdc", "project", "Rule."],
      ["a/b/c/README.md", "project", "deep"],
    ],
  );
  assert.deepEqual([data.root, data.count, data.truncated], [place.workspace, 6, false]);
});

test("project_context keeps its limits and says so", async () => {
  await using place = makePlace();
  place.write({ "AGENTS.md": "0123456789", "README.md": "read me", "x/README.md": "x" });
  const limits = { ...wanted, max_bytes_per_file: 4, max_files: 2 };
  const { data } = await handlersOf(place).project_context.run(limits, place.call());
  assert.deepEqual(data.files, [
    { path: "AGENTS.md", source: "project", content: "0123", truncated: true },
    { path: "README.md", source: "project", content: "read", truncated: true },
  ]);
  assert.equal(data.truncated, true);
  await assert.rejects(handlersOf(place).project_context.run({ ...wanted, path: "gone" }, place.call()), {
    code: "not_a_directory",
  });
  await assert.rejects(handlersOf(place).project_context.run({ ...wanted, path: "/etc" }, place.call()), {
    code: "path_outside_roots",
  });
});

test("remember adds notes under one heading, in the file the project has", async () => {
  await using place = makePlace();
  const { remember } = handlersOf(place);
  const first = await remember.run({ note: "Tests need\nbash.\u0007" }, place.call());
  assert.deepEqual(first.data, { path: "AGENTS.md", added: "- Tests need\n  bash.", checkpoint_id: null });
  await remember.run({ note: "# Second" }, place.call());
  const read = (name: string) => readFileSync(join(place.workspace, name), "utf8");
  assert.equal(read("AGENTS.md"), "## Notes\n\n- Tests need\n  bash.\n- # Second\n");
  assert.deepEqual(place.checkpoints.asked, ["remember", "remember"]);
});

test("remember keeps what is there, line endings and later sections included", async () => {
  await using place = makePlace();
  place.write({ "CLAUDE.md": "# P\r\n\r\n## Notes\r\n\r\n- One\r\n\r\n## More\r\nx\r\n" });
  const { data } = await handlersOf(place).remember.run({ note: "Two" }, place.call());
  assert.equal(data.path, "CLAUDE.md");
  const text = readFileSync(join(place.workspace, "CLAUDE.md"), "utf8");
  assert.equal(text, "# P\r\n\r\n## Notes\r\n\r\n- One\r\n- Two\r\n\r\n## More\r\nx\r\n");
});

test("remember does not follow a link out of the workspace", async () => {
  await using place = makePlace();
  symlinkSync(join(place.state, "AGENTS.md"), join(place.workspace, "AGENTS.md"));
  await assert.rejects(handlersOf(place).remember.run({ note: "x" }, place.call()), {
    name: "PaddockError",
  });
});

test("load_path_rules gives the rules of a path", async () => {
  await using place = makePlace();
  place.write({ ".claude/rules/sql.md": "---\npaths: '**/*.sql'\n---\nUpper case." });
  const { data } = await handlersOf(place).load_path_rules.run({ path: "db/a.sql" }, place.call());
  tools.load_path_rules.output.parse(data);
  assert.deepEqual(data, {
    path: "db/a.sql",
    rules: [{ path: ".claude/rules/sql.md", globs: ["**/*.sql"], content: "Upper case.", truncated: false }],
    count: 1,
  });
});
