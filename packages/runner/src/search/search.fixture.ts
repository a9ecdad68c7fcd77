/** Real cages around a tree of files, and the call of somebody who searches it. */
import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { newId } from "@paddock/contract";
import { rgPath } from "@vscode/ripgrep";
import { makeWorld, type World } from "../files/tree.fixture.ts";
import { openCages } from "../sandbox/open-cages.ts";
import type { Call } from "../tools/handler.ts";
import type { Ripgrep } from "./ripgrep.ts";

export interface SearchWorld extends World {
  ripgrep: Ripgrep;
  call: Call;
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

export async function searchWorld(
  context: TestContext,
  kind: "bwrap" | "none",
  files: Record<string, string>,
  hidden: readonly string[] = [],
): Promise<SearchWorld> {
  const world = makeWorld(context, files, hidden);
  const home = realpathSync(mkdtempSync(join(tmpdir(), "paddock-home-")));
  context.after(() => rmSync(home, { recursive: true, force: true }));
  const toolPath = process.env.PATH ?? "/usr/bin:/bin";
  const cages = await openCages({ kind, home, limits, ownerHome: homedir(), toolPath, hidden: () => [] });
  context.after(() => cages.close());
  const { signal } = new AbortController();
  return {
    ...world,
    ripgrep: { cages, program: rgPath, scratch: home, timeoutSeconds: 20 },
    call: {
      run: newId("run"),
      tool: "grep",
      principal: { id: "tester", name: "Tester", surface: "cli", toolset: "full", workspaces: [] },
      domain: "tester",
      workspace: world.root,
      roots: world.roots,
      profile: "workspace",
      signal,
      granted: {},
    },
  };
}
