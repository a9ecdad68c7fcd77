/** A place for tests of tools: a real workspace below a temporary folder, real roots, real cages, and calls into it. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { newId } from "@paddock/contract";
import { type ContentApprovals, openContentApprovals } from "../approvals/content.ts";
import type { Checkpoints } from "../checkpoints/checkpoints.ts";
import { type OpenRoots, openRoots } from "../files/open-roots.ts";
import { type OpenCages, openCages } from "../sandbox/open-cages.ts";
import type { Call } from "./handler.ts";

export interface TestPlace extends AsyncDisposable {
  /** The runner's state folder. */
  state: string;
  workspace: string;
  roots: OpenRoots;
  approvals: ContentApprovals;
  /** Says which changes it was asked to keep; keeps nothing. */
  checkpoints: Checkpoints & { asked: string[] };
  call(changes?: Partial<Call>): Call;
  /** Writes files into the workspace. */
  write(files: Readonly<Record<string, string>>): void;
  cages(): Promise<OpenCages>;
}

const mebibyte = 1024 * 1024;
const limits = {
  memoryBytes: 1024 * mebibyte,
  cpus: 8,
  pids: 256,
  tmpBytes: 64 * mebibyte,
  openFiles: 1024,
  fileBytes: 64 * mebibyte,
};

export function makePlace(): TestPlace {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "paddock-place-")));
  const [home, workspace, ownerHome] = ["state", "work", "home"].map((name) => join(base, name)) as [
    string,
    string,
    string,
  ];
  for (const folder of [join(home, "runner"), workspace, ownerHome]) mkdirSync(folder, { recursive: true });
  const roots = openRoots({ roots: [{ path: workspace, write: true }], hidden: [home] });
  let opened: Promise<OpenCages> | null = null;
  const cageOptions = {
    kind: "bwrap",
    home,
    limits,
    ownerHome,
    toolPath: process.env.PATH ?? "",
    hidden: () => [],
  } as const;
  return {
    state: join(home, "runner"),
    workspace,
    roots,
    approvals: openContentApprovals(join(home, "runner", "approved.json")),
    checkpoints: noCheckpoints(),
    call: (changes = {}) => ({ ...callInto(workspace, roots), ...changes }),
    write(files) {
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(workspace, path)), { recursive: true });
        writeFileSync(join(workspace, path), content);
      }
    },
    cages() {
      opened ??= openCages(cageOptions);
      return opened;
    },
    async [Symbol.asyncDispose]() {
      (await opened?.catch(() => null))?.close();
      roots[Symbol.dispose]();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

function callInto(workspace: string, roots: OpenRoots): Call {
  return {
    run: newId("run"),
    tool: "agent_status",
    principal: { id: "owner", name: "Owner", surface: "cli", toolset: "full", workspaces: [] },
    domain: `owner\n${workspace}\nworkspace`,
    workspace,
    roots,
    profile: "workspace",
    signal: new AbortController().signal,
    granted: {},
  };
}

function noCheckpoints(): Checkpoints & { asked: string[] } {
  const asked: string[] = [];
  const keep = async (_: Call, title: string) => {
    asked.push(title);
    return { id: null, checkpoint: "off" as const };
  };
  return { asked, beforeChange: keep, beforeCommand: keep };
}
