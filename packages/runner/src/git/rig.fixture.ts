/** For tests: a workspace, real roots, real cages and the calls that work there. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newId } from "@paddock/contract";
import type { Profile, Wants } from "@paddock/policy";
import { openRoots } from "../files/open-roots.ts";
import { openCages } from "../sandbox/open-cages.ts";
import type { Call } from "../tools/handler.ts";

export interface Rig extends AsyncDisposable {
  /** Holds everything else. */
  base: string;
  home: string;
  ownerHome: string;
  workspace: string;
  cages: Awaited<ReturnType<typeof openCages>>;
  call(more?: { tool?: Call["tool"]; granted?: Wants; profile?: Profile }): Call;
  /** Writes files below the workspace. */
  put(files: Readonly<Record<string, string>>): void;
  /** The owner's own git, outside of any cage. */
  git(...args: string[]): string;
}

const mebibyte = 1024 * 1024;

export async function openRig({ kind = "bwrap" as "bwrap" | "none", otherRoots = [] as string[] } = {}): Promise<Rig> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "paddock-git-")));
  const [home, ownerHome, workspace] = ["state", "owner", "work"].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [home, ownerHome, workspace]) mkdirSync(folder);
  writeFileSync(
    join(ownerHome, ".gitconfig"),
    "[user]\n\tname = Olive Owner\n\temail = olive@example.org\n[init]\n\tdefaultBranch = main\n",
  );
  const cages = await openCages({
    kind,
    home,
    ownerHome,
    toolPath: "/usr/bin:/bin",
    hidden: () => [],
    limits: {
      memoryBytes: 1024 * mebibyte,
      cpus: 8,
      pids: 256,
      tmpBytes: 64 * mebibyte,
      openFiles: 1024,
      fileBytes: 1024 * mebibyte,
    },
  });
  const list = [workspace, ...otherRoots.map((name) => join(base, name))];
  for (const root of list) mkdirSync(root, { recursive: true });
  const roots = openRoots({ roots: list.map((path) => ({ path, write: true })), hidden: [home] });
  const put = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(workspace, name)), { recursive: true });
      writeFileSync(join(workspace, name), text);
    }
  };
  return {
    base,
    home,
    ownerHome,
    workspace,
    cages,
    put,
    call: ({ tool = "git_status", granted = {}, profile = "workspace" } = {}) => ({
      run: newId("run"),
      tool,
      principal: { id: "test", name: "test", surface: "cli", toolset: "full", workspaces: [] },
      domain: "test",
      workspace,
      roots,
      profile,
      signal: new AbortController().signal,
      granted,
    }),
    git: (...args) =>
      execFileSync("git", args, {
        cwd: workspace,
        encoding: "utf8",
        env: { PATH: process.env.PATH, HOME: ownerHome },
        stdio: ["ignore", "pipe", "pipe"],
      }),
    [Symbol.asyncDispose]: async () => {
      roots[Symbol.dispose]();
      cages.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}
