/**
 * One table of calls, at least one that succeeds and one that fails for every tool, in an order in which each finds what it
 * needs. The tests of the contract make these calls on the real system and look at different sides of the answers.
 */
import assert from "node:assert/strict";
import { noObject, type Row } from "./row.ts";
import { running } from "./rows-running.ts";

const patchOf = (...lines: string[]) => `*** Begin Patch\n${lines.join("\n")}\n*** End Patch`;

const hasImage: Row["also"] = ({ content }) => {
  assert.deepEqual(
    content.slice(1).map(({ type, mimeType }) => [type, mimeType]),
    [["image", "image/png"]],
  );
};

const context: readonly Row[] = [
  { tool: "agent_status", input: {}, data: { profile: "workspace" } },
  { tool: "agent_status", ...noObject },
  { tool: "project_context", input: {}, data: { truncated: false } },
  { tool: "project_context", input: { max_files: 1 }, data: { count: 1, truncated: true } },
  { tool: "project_context", input: { path: "nothing" }, code: "not_a_directory" },
  { tool: "remember", input: { note: "Tests live in test/." }, data: { path: "AGENTS.md" } },
  { tool: "remember", input: { note: "  " }, code: "invalid_input" },
  { tool: "load_path_rules", input: { path: "src/a.ts" }, data: { count: 1, "rules.0.path": ".claude/rules/ts.md" } },
  { tool: "load_path_rules", input: { path: "../x" }, code: "path_outside_roots" },
];

const reading: readonly Row[] = [
  { tool: "read_text_file", input: { path: "src/a.ts" }, data: { size: 60, truncated: false, next_offset: null } },
  { tool: "read_text_file", input: { path: "src/a.ts", offset: 2, limit: 1 }, data: { lines: 1, next_offset: 3 } },
  { tool: "read_text_file", input: { path: "src/a.ts", head: 1 }, data: { content: "export const a = 1;\n" } },
  { tool: "read_text_file", input: { path: "src/a.ts", tail: 1 }, data: { content: "export const c = 3;\n" } },
  { tool: "read_text_file", input: { path: "large.txt" }, data: { truncated: true } },
  { tool: "read_text_file", input: { path: "pixel.png" }, data: { mime_type: "image/png" }, also: hasImage },
  { tool: "read_text_file", input: { path: "binary" }, code: "binary_file" },
  { tool: "read_text_file", input: { path: "nothing" }, code: "path_not_found" },
  { tool: "read_file_base64", input: { path: "binary" }, data: { content: "AP8BAg==", done: true, next_offset: null } },
  {
    tool: "read_file_base64",
    input: { path: "binary", offset: 1, length: 2 },
    data: { content: "/wE=", next_offset: 3 },
  },
  { tool: "read_file_base64", input: { path: "dir" }, code: "not_a_file" },
  { tool: "list_directory", input: { path: "src" }, data: { count: 2, "entries.0.name": "a.ts" } },
  { tool: "list_directory", input: { limit: 1 }, data: { truncated: true, next_offset: 1 } },
  { tool: "list_directory", input: { path: "src/a.ts" }, code: "not_a_directory" },
  { tool: "directory_tree", input: { path: "." }, data: { truncated: false, max_depth: 4 } },
  { tool: "directory_tree", input: { path: "nothing" }, code: "path_not_found" },
  { tool: "list_allowed_directories", input: {}, data: { profile: "workspace" } },
  { tool: "list_allowed_directories", ...noObject },
  { tool: "glob", input: { pattern: "*.ts" }, data: { matches: ["src/a.ts"], count: 1, truncated: false } },
  { tool: "glob", input: { pattern: "[" }, code: "invalid_pattern" },
  { tool: "grep", input: { pattern: "const b" }, data: { "matches.0.line": 2, count: 1 } },
  { tool: "grep", input: { pattern: "const", path: "src/a.ts", context_around: 1 }, data: { count: 3 } },
  { tool: "grep", input: { pattern: "const", output_mode: "files_with_matches" }, data: { files: ["src/a.ts"] } },
  { tool: "grep", input: { pattern: "const", output_mode: "count" }, data: { "counts.0.count": 3 } },
  { tool: "grep", input: { pattern: "0", head_limit: 5 }, data: { count: 5, truncated: true } },
  { tool: "grep", input: { pattern: "(" }, code: "invalid_pattern" },
  { tool: "search", input: { query: "rules" } },
  { tool: "search", input: { query: "" }, code: "invalid_input" },
  { tool: "fetch", input: { id: "src/a.ts" } },
  { tool: "fetch", input: { id: "nothing" }, code: "path_not_found" },
];

const changing: readonly Row[] = [
  { tool: "write_file", input: { path: "new/deep.txt", content: "one\n" }, data: { bytes: 4, created: true } },
  {
    tool: "write_file",
    input: { path: "new/deep.txt", content: "two\n" },
    data: { created: false, diff_truncated: false },
  },
  {
    tool: "write_file",
    input: { path: "a.hooked", content: "x" },
    data: { "post_edit_hooks.0.output": "checked a.hooked\n", "post_edit_hooks.0.exit_code": 0 },
  },
  { tool: "write_file", input: { path: "dir", content: "x" }, code: "not_a_file" },
  { tool: "write_file", input: { path: "x", content: "x", dryRun: true }, code: "invalid_input" },
  { tool: "write_file", input: { path: ".git/hooks/x", content: "x" }, code: "denied" },
  { tool: "write_file_base64", input: { path: "bytes", content: "AAE=" }, data: { bytes: 2, size: 2 } },
  {
    tool: "write_file_base64",
    input: { path: "bytes", content: "Ag==", append: true },
    data: { size: 3, revision: null },
  },
  { tool: "write_file_base64", input: { path: "bytes", content: "§" }, code: "invalid_input" },
  { tool: "create_directory", input: { path: "made/here" }, data: { created: true } },
  { tool: "create_directory", input: { path: "src/a.ts" }, code: "not_a_directory" },
  { tool: "copy_file", input: { source: "src/a.ts", destination: "copy.ts" }, data: { warnings: [] } },
  { tool: "copy_file", input: { source: "src/a.ts", destination: "copy.ts" }, code: "path_exists" },
  { tool: "move_file", input: { source: "copy.ts", destination: "made/moved.ts" } },
  { tool: "move_file", input: { source: "copy.ts", destination: "x" }, code: "path_not_found" },
  {
    tool: "edit_file",
    input: { path: "src/a.ts", old_text: "a = 1", new_text: "a = $&10" },
    data: { replacements: 1, match: "exact", dry_run: false },
    keep: { edit: "checkpoint_id" },
  },
  {
    tool: "edit_file",
    input: { path: "src/a.ts", old_text: "c = 3", new_text: "c", dry_run: true },
    data: { dry_run: true },
  },
  { tool: "edit_file", input: { path: "src/a.ts", old_text: "gone", new_text: "x" }, code: "text_not_found" },
  { tool: "edit_file", input: { path: "src/twice.txt", old_text: "same", new_text: "x" }, code: "text_ambiguous" },
  {
    tool: "multi_edit",
    input: { path: "src/a.ts", edits: [{ old_text: "b = 2", new_text: "b = 20" }] },
    data: { edits: 1 },
  },
  { tool: "multi_edit", input: { path: "src/a.ts", edits: [] }, code: "invalid_input" },
  {
    tool: "replace_regex",
    input: { path: "src/a.ts", pattern: "c = (\\d)", replacement: "c = $1$1" },
    data: { replacements: 1 },
  },
  { tool: "replace_regex", input: { path: "src/a.ts", pattern: "(", replacement: "" }, code: "invalid_pattern" },
  {
    tool: "apply_patch",
    input: {
      patch: patchOf(
        "*** Add File: added.txt",
        "+one",
        "*** Update File: src/twice.txt",
        "@@",
        " same",
        "-same",
        "+other",
      ),
    },
    data: { "files.0.operation": "add", "files.1.operation": "update", dry_run: false },
  },
  { tool: "apply_patch", input: { patch: patchOf("*** Delete File: nothing") }, code: "path_not_found" },
  { tool: "apply_patch", input: { patch: "no patch" }, code: "invalid_patch" },
  {
    tool: "transfer_file",
    input: { from_path: "bytes", to_path: "made/bytes" },
    data: { size: 3, created: true, resumed_from: 0 },
  },
  { tool: "transfer_file", input: { from_path: "bytes", to_path: "made/bytes" }, code: "path_exists" },
  { tool: "delete_file", input: { path: "bytes" } },
  { tool: "delete_file", input: { path: "dir" }, code: "not_a_file" },
  { tool: "delete_directory", input: { path: "dir" }, code: "directory_not_empty" },
  { tool: "delete_directory", input: { path: "dir", recursive: true } },
  { tool: "rewind", input: {}, data: { action: "list", more: false } },
  { tool: "rewind", input: { action: "preview", checkpoint_id: "$edit" }, data: { truncated: false } },
  { tool: "rewind", input: { action: "restore", checkpoint_id: "$edit" } },
  { tool: "rewind", input: { action: "status" }, data: { "status.enabled": true } },
  { tool: "rewind", input: { action: "preview" }, code: "invalid_input" },
  { tool: "rewind", input: { action: "restore", checkpoint_id: `cp_${"0".repeat(26)}` }, code: "checkpoint_not_found" },
];

const versions: readonly Row[] = [
  { tool: "git_status", input: {}, data: { branch: "main", clean: false } },
  { tool: "git_status", input: { path: "../remote.git" }, code: "not_a_repository" },
  { tool: "git_diff", input: {}, data: { truncated: false } },
  { tool: "git_diff", input: { file: "../../x" }, code: "path_outside_roots" },
  { tool: "git_log", input: { count: 1 }, data: { "commits.0.subject": "begin", truncated: false } },
  { tool: "git_log", input: { ref: "nowhere" }, code: "git_failed" },
  { tool: "git_add", input: { files: ["a.hooked"] }, data: { staged: ["a.hooked"] } },
  { tool: "git_add", input: { files: ["nothing"] }, code: "git_failed" },
  { tool: "git_add", input: {}, code: "invalid_input" },
  { tool: "git_commit", input: { message: "add a hooked file" }, data: { files_changed: 1, branch: "main" } },
  { tool: "git_commit", input: { message: "nothing", path: "src" }, code: "git_failed" },
  { tool: "git_stash", input: { action: "push", message: "later" } },
  { tool: "git_stash", input: { action: "pop" } },
  { tool: "git_stash", input: { action: "apply" }, code: "git_failed" },
  { tool: "git_commit", input: { message: "all", stage_all: true }, data: { subject: "all" } },
  { tool: "git_branch", input: { action: "create", name: "side" }, data: { current: "main" } },
  { tool: "git_branch", input: {}, data: { truncated: false } },
  { tool: "git_branch", input: { action: "create", name: "side" }, code: "git_failed" },
  { tool: "git_checkout", input: { branch: "side" }, data: { branch: "side" } },
  { tool: "git_checkout", input: { branch: "nowhere" }, code: "git_failed" },
  { tool: "git_checkout", input: { branch: "main" } },
  { tool: "write_file", input: { path: "README.md", content: "Changed.\n" } },
  { tool: "git_restore", input: { files: ["README.md"] }, data: { restored: ["README.md"] } },
  { tool: "git_restore", input: { files: ["nothing"] }, code: "git_failed" },
  { tool: "git_push", input: { set_upstream: true }, data: { branch: "main", upstream_set: true } },
  { tool: "git_push", input: { remote: "nowhere" }, code: "git_failed" },
  { tool: "git_pull", input: {}, data: { branch: "main" } },
  { tool: "git_pull", input: { branch: "nowhere" }, code: "git_failed" },
  { tool: "git_reset", input: { mode: "soft", ref: "HEAD~1" } },
  { tool: "git_reset", input: { ref: "nowhere" }, code: "git_failed" },
];

const further: readonly Row[] = [
  { tool: "list_machines", input: {}, data: { "machines.0.online": true, "machines.0.profile": "workspace" } },
  { tool: "list_machines", ...noObject },
  { tool: "list_runs", input: { limit: 1 }, data: { "runs.0.tool": "git_reset" } },
  { tool: "list_runs", input: { limit: 0 }, code: "invalid_input" },
  { tool: "get_run", input: { id: `run_${"0".repeat(26)}` }, code: "run_not_found" },
  { tool: "skill_list", input: {}, data: { count: 2, truncated: false } },
  { tool: "skill_list", ...noObject },
  { tool: "skill_read", input: { name: "greet" }, data: { file: "SKILL.md", next_offset: null } },
  { tool: "skill_read", input: { name: "nothing" }, code: "skill_not_found" },
  {
    tool: "skill_run",
    input: { name: "greet", script: "go.sh", arguments: ["you"] },
    data: { stdout: "hello you\n", exit_code: 0 },
  },
  { tool: "skill_run", input: { name: "wild", script: "go.sh" }, code: "inert" },
  { tool: "mcp_servers", input: { refresh: true }, data: { count: 1, "servers.0.id": "notes" } },
  { tool: "mcp_servers", input: { refresh: "yes" }, code: "invalid_input" },
  { tool: "mcp_tools", input: { server_id: "notes" }, data: { count: 3, next_cursor: null } },
  { tool: "mcp_tools", input: { server_id: "nothing" }, code: "server_not_found" },
  {
    tool: "mcp_call",
    input: { server_id: "notes", tool: "echo", arguments: { words: "hi" } },
    data: { structured_content: { said: "hi" }, truncated: false },
  },
  { tool: "mcp_call", input: { server_id: "notes", tool: "picture" }, also: hasImage },
  { tool: "mcp_call", input: { server_id: "notes", tool: "fail" }, code: "tool_failed" },
  {
    tool: "list_notification_channels",
    input: {},
    data: { "channels.0.name": "desktop", "channels.0.available": false },
  },
  { tool: "list_notification_channels", ...noObject },
  { tool: "send_notification", input: { text: "Done.", channel: "webhook" }, data: { channel: "webhook" } },
  { tool: "send_notification", input: { text: "Done.", channel: "desktop" }, code: "unavailable" },
  { tool: "rewind", input: { action: "clear" } },
];

export const rows: readonly Row[] = [...context, ...reading, ...changing, ...running, ...versions, ...further];
