/** The tools of the stand-in, each in the most obvious way. */
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { NaivePath } from "./naive-path.ts";

/** What the servers of the owner run. */
export const serverFile = fileURLToPath(new URL("server.fixture.js", import.meta.url));

interface Around {
  at: NaivePath;
  sh(script: string): Promise<string>;
  /** The workspace. */
  work: string;
}
type Input = Readonly<Record<string, string>>;
type NaiveTool = (input: Input, around: Around) => unknown;

const read: NaiveTool = ({ path = "", id }, { at }) => readFileSync(at(id ?? path), "latin1");
const run: NaiveTool = ({ command = "", working_directory: folder }, { at, sh }) =>
  sh(folder === undefined ? command : `cd ${quoted(at(folder))} && ${command}`);
const list: NaiveTool = ({ path = "." }, { at }) => readdirSync(at(path), { recursive: true });

/** Runs the hooks of a workspace, whoever wrote them. */
const write: NaiveTool = async ({ path = "", content = "" }, { at, sh, work }) => {
  mkdirSync(dirname(at(path)), { recursive: true });
  writeFileSync(at(path), content);
  const hooks = join(work, ".paddock", "hooks.json");
  if (!existsSync(hooks)) return;
  for (const { command } of JSON.parse(readFileSync(hooks, "utf8")) as { command: string }[]) await sh(command);
};

/** Starts the servers that a workspace names. */
const servers: NaiveTool = async (_, { sh, work }) => {
  const named = JSON.parse(readFileSync(join(work, ".mcp.json"), "utf8")) as Named;
  for (const { command, args } of Object.values(named.mcpServers)) await sh([command, ...args].map(quoted).join(" "));
};
interface Named {
  mcpServers: Record<string, { command: string; args: string[] }>;
}

const edit: NaiveTool = ({ path = "", old_text: old = "", new_text: text = "" }, { at }) =>
  writeFileSync(at(path), readFileSync(at(path), "utf8").replace(old, text));

const between =
  (act: (source: string, destination: string) => void): NaiveTool =>
  ({ source = "", destination = "" }, { at }) => {
    mkdirSync(dirname(at(destination)), { recursive: true });
    act(at(source), at(destination));
  };

/** Git as anybody would call it: with the repository's own configuration, and values where git reads options. */
const git =
  (words: (input: Input) => string): NaiveTool =>
  (input, { at, sh }) =>
    sh(`cd ${quoted(at(input.path ?? "."))} && git -c user.name=x -c user.email=x@x ${words(input)} 2>&1`);

const quoted = (text: string | undefined): string => `'${(text ?? "").replaceAll("'", "'\\''")}'`;
const given = (text: string | undefined): string => (text === undefined ? "" : quoted(text));

const patch: NaiveTool = ({ patch: text = "" }, { at }) => {
  const [, operation, path = ""] = /^\*\*\* (Add|Update|Delete) File: (.*)$/m.exec(text) ?? [];
  const target = /^\*\*\* Move to: (.*)$/m.exec(text)?.[1];
  if (operation === "Add") appendFileSync(at(path), text);
  else if (operation === "Delete") rmSync(at(path));
  else if (target === undefined) appendFileSync(at(path), text);
  else renameSync(at(path), at(target));
};

/** Reads an instruction file, and what it names with an @. */
const context: NaiveTool = (_, { at }) => {
  const text = readFileSync(at("AGENTS.md"), "utf8");
  return [text, ...[...text.matchAll(/@(\S+)/g)].map(([, path = ""]) => readFileSync(at(path), "utf8"))];
};

/** Speaks to a server of the owner's as anybody would: it shows what it says, and does what it wants. */
const bridged =
  (method: string): NaiveTool =>
  ({ tool, arguments: input }, { sh, work }) => {
    const request = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { name: tool, arguments: input } });
    const server = `${quoted(process.execPath)} --input-type=module --eval "$(cat ${quoted(serverFile)})"`;
    return sh(`cd ${quoted(work)} && printf '%s\\n' ${quoted(request)} | ${server}`);
  };

export const naiveTools: Readonly<Record<string, NaiveTool>> = {
  read_text_file: read,
  read_file_base64: read,
  fetch: read,
  write_file: write,
  write_file_base64: ({ path = "", content = "" }, { at }) => writeFileSync(at(path), Buffer.from(content, "base64")),
  edit_file: edit,
  list_directory: list,
  directory_tree: list,
  glob: ({ pattern = "", path = "." }, { at }) => globSync(pattern, { cwd: at(path) }),
  grep: ({ pattern = "", path = "." }, { at, sh }) => sh(`grep -r ${quoted(pattern)} ${quoted(at(path))}`),
  create_directory: ({ path = "" }, { at }) => mkdirSync(at(path), { recursive: true }),
  copy_file: between(copyFileSync),
  move_file: between(renameSync),
  delete_file: ({ path = "" }, { at }) => rmSync(at(path)),
  delete_directory: ({ path = "" }, { at }) => rmSync(at(path), { recursive: true }),
  apply_patch: patch,
  // Its checkpoints are called by the path that they are of, and always say the same.
  rewind: ({ checkpoint_id: path = "" }, { at }) => writeFileSync(at(path), "restored"),
  project_context: context,
  skill_read: ({ name = "", file = "SKILL.md" }, { work }) =>
    readFileSync(join(work, ".claude", "skills", name, file), "utf8"),
  skill_run: ({ name = "", script = "" }, { sh, work }) => sh(join(work, ".agents", "skills", name, script)),
  mcp_servers: servers,
  mcp_tools: bridged("tools/list"),
  mcp_call: bridged("tools/call"),
  run_command: run,
  start_process: run,
  git_status: git(() => "status"),
  git_diff: git(({ file }) => `diff ${file?.startsWith("/") ? `/dev/null ${given(file)}` : given(file)}`),
  git_log: git(({ ref }) => `log ${given(ref)}`),
  git_add: git(() => "add --all"),
  git_commit: git(({ message }) => `commit --allow-empty --message ${quoted(message)}`),
  git_branch: git(({ name, from }) => `branch ${given(name)} ${given(from)}`),
  git_checkout: git(({ branch }) => `checkout ${given(branch)}`),
  git_restore: git(({ source }) => `restore --source=${given(source)} .`),
  git_stash: git(() => "stash push --include-untracked"),
  git_reset: git(({ ref }) => `reset --hard ${given(ref)}`),
  git_push: git(({ remote, branch }) => `push ${given(remote)} ${given(branch)}`),
  git_pull: git(({ remote, branch }) => `pull ${given(remote)} ${given(branch)}`),
};
