/**
 * Runs shell lines in a cage of their own and tells which programs the kernel really started for each of them. The lines are
 * children of one bash, which starts nothing else, so the order of its children is the order of the lines.
 */
import { spawn } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Execution {
  /** As it was given to the kernel. */
  path: string;
  /** Rest of the trace's line, for showing. */
  words: string;
}

/** `programs` are names on PATH that do nothing. */
export async function observe(lines: readonly string[], programs: readonly string[]): Promise<Execution[][]> {
  const folder = mkdtempSync(join(tmpdir(), "paddock-observe-"));
  try {
    mkdirSync(join(folder, "bin"));
    for (const program of programs) symlinkSync("/usr/bin/true", join(folder, "bin", program));
    writeFileSync(join(folder, "lines"), lines.map((line) => `${line}\0`).join(""));
    writeFileSync(join(folder, "driver"), driver);
    await run(["bwrap", ...cage(folder), "--", ...tracer, "bash", "--norc", "--noprofile", "/observed/driver"]);
    return executionsIn(readFileSync(join(folder, "trace"), "latin1"), lines.length);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Nothing a line does reaches the next one. One that hangs is ended by the first child, which watches whether the last child
 * is still the same; at the end whatever is left is ended, since the trace waits for it.
 */
const driver = `
observed_bash=$BASHPID
(
  exec 9<> <(:) >/dev/null 2>&1
  while :; do
    read -r -t 4 -u 9
    read -r observed_children </proc/$observed_bash/task/$observed_bash/children || exit
    observed_last=\${observed_children##* }
    if [ "$observed_last" = "$observed_former" ] && [ "$observed_last" != "$BASHPID" ]; then kill -KILL "$observed_last"; fi
    observed_former=$observed_last
  done
) &
mapfile -d '' -t observed_lines </observed/lines
shopt -s expand_aliases
FUNCNEST=10
for observed_line in "\${observed_lines[@]}"; do
  ( ulimit -t 1 -f 2048; cd /work; eval "$observed_line" ) </dev/null >/dev/null 2>&1
done
for observed_process in /proc/[0-9]*; do
  case \${observed_process#/proc/} in 1|$PPID|$$) ;; *) kill -KILL \${observed_process#/proc/} ;; esac
done 2>/dev/null
exit 0
`;

const calls = "execve,execveat,clone,clone3,fork,vfork";
const tracer = [
  "strace",
  "-f",
  "-qq",
  "--seccomp-bpf",
  "-s",
  "200",
  "-e",
  `trace=${calls}`,
  "-e",
  "signal=none",
  "-o",
  "/observed/trace",
];

function cage(folder: string): string[] {
  return [
    ...["--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"],
    ...["--ro-bind", "/usr", "/usr"],
    ...["/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"].flatMap(systemFolder),
    ...[
      "--ro-bind-try",
      "/etc/alternatives",
      "/etc/alternatives",
      "--ro-bind-try",
      "/etc/ld.so.cache",
      "/etc/ld.so.cache",
    ],
    ...["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "--tmpfs", "/work", "--dir", "/work/home"],
    ...["--bind", folder, "/observed", "--chdir", "/work"],
    ...[
      "--setenv",
      "PATH",
      "/observed/bin:/usr/bin:/bin",
      "--setenv",
      "HOME",
      "/work/home",
      "--setenv",
      "SHELL",
      "/bin/sh",
    ],
    ...["--setenv", "LC_ALL", "C.UTF-8"],
  ];
}

function systemFolder(path: string): string[] {
  const state = lstatSync(path, { throwIfNoEntry: false });
  if (!state) return [];
  return state.isSymbolicLink() ? ["--symlink", readlinkSync(path), path] : ["--ro-bind", path, path];
}

async function run([program = "", ...args]: readonly string[]): Promise<void> {
  const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"], signal: AbortSignal.timeout(120_000) });
  let errors = "";
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
  if (code !== 0) throw new Error(`The observed cage ended with ${code}: ${errors.slice(0, 2_000)}`);
}

const startPattern = /^(\d+) +(?:<\.\.\. )?(?:clone3?|v?fork)\b.* = (\d+)$/;
const beginPattern = /^(\d+) +execve(?:at)?\((?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)", (.*)$/;
const endPattern = /^(\d+) +<\.\.\. execve(?:at)? resumed>.* = (-?\d+)/;

function executionsIn(trace: string, count: number): Execution[][] {
  const entries = trace.split("\n");
  const root = Number.parseInt(entries[0] ?? "", 10);
  const parents = new Map<number, number>();
  for (const entry of entries) {
    const [, parent, child] = startPattern.exec(entry) ?? [];
    if (child !== undefined) parents.set(Number(child), Number(parent));
  }
  const [, ...children] = [...parents].filter(([, parent]) => parent === root).map(([pid]) => pid);
  if (children.length !== count) throw new Error(`${children.length} lines were observed of ${count}.`);
  const lineOf = new Map(children.map((pid, line) => [pid, line]));
  const found: Execution[][] = children.map(() => []);
  for (const { pid, ...execution } of successes(entries)) {
    const line = ancestorIn(lineOf, parents, pid);
    if (line !== undefined) found[line]?.push(execution);
  }
  return found;
}

/** A call may be told in two parts, when others come between. */
function successes(entries: readonly string[]): (Execution & { pid: number })[] {
  const found: (Execution & { pid: number })[] = [];
  const begun = new Map<string, Execution>();
  for (const entry of entries) {
    const [, pid = "", path = "", words = ""] = beginPattern.exec(entry) ?? [];
    if (words.endsWith("<unfinished ...>")) begun.set(pid, { path, words });
    else if (words.endsWith(" = 0")) found.push({ pid: Number(pid), path, words });
    const [, ended = "", result] = endPattern.exec(entry) ?? [];
    const execution = begun.get(ended);
    if (execution && result === "0") found.push({ pid: Number(ended), ...execution });
  }
  return found;
}

function ancestorIn(
  lineOf: ReadonlyMap<number, number>,
  parents: ReadonlyMap<number, number>,
  pid: number,
): number | undefined {
  for (let at: number | undefined = pid; at !== undefined; at = parents.get(at)) {
    const line = lineOf.get(at);
    if (line !== undefined) return line;
  }
  return undefined;
}
