/** Real cages for tests: a state folder, a workspace and an owner's home, all below one temporary folder. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CageOptions } from "./backend.ts";
import type { CageSpec, Limits, RunOptions } from "./cage.ts";
import { hiddenIn } from "./hidden/owners-list.ts";
import { type OpenCages, openCages } from "./open-cages.ts";

export interface TestCages extends AsyncDisposable {
  cages: OpenCages;
  /** What they were opened with. */
  options: CageOptions;
  /** PADDOCK_HOME. */
  home: string;
  workspace: string;
  ownerHome: string;
  /** Where something hidden was exchanged. */
  changed: readonly string[];
  spec(changes?: Partial<CageSpec>): CageSpec;
  /** Runs a script in bash and gives back what it printed on both streams, and its exit code. */
  script(text: string, changes?: Partial<CageSpec>): Promise<{ code: number | null; stdout: string; stderr: string }>;
}

const mebibyte = 1024 * 1024;
export const testLimits: Limits = {
  memoryBytes: 512 * mebibyte,
  cpus: 8,
  pids: 64,
  tmpBytes: 8 * mebibyte,
  openFiles: 256,
  fileBytes: 16 * mebibyte,
};
/** The engine and the image that tests are given. */
export const testDocker = {
  socket: process.env.PADDOCK_TEST_DOCKER ?? "",
  image: process.env.PADDOCK_TEST_DOCKER_IMAGE ?? "",
};
/** A container on a busy machine takes its time. */
const bounds: RunOptions = { maxBytes: mebibyte, timeoutMs: 60_000 };

/** `listed` is the owner's setting `hidden_paths`. */
export async function makeCages(
  kind: CageOptions["kind"] = "bwrap",
  prepare?: (base: TestFolders) => void,
  listed: readonly string[] = [],
): Promise<TestCages> {
  const base = realpathSync(mkdtempSync(join(tmpdir(), "paddock-cages-")));
  const folders = { home: join(base, "state"), workspace: join(base, "work"), ownerHome: join(base, "owner") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  prepare?.(folders);
  const hidden = hiddenIn([folders.home, join(folders.ownerHome, ".ssh")], listed, folders.ownerHome);
  const changed: string[] = [];
  const toolPath = process.env.PATH ?? "";
  const options: CageOptions = {
    kind,
    home: folders.home,
    limits: testLimits,
    ownerHome: folders.ownerHome,
    toolPath,
    docker: testDocker,
    hidden: () => hidden([{ path: folders.workspace }]),
    onHiddenChange: (path) => void changed.push(path),
  };
  const cages = await openCages(options);
  const spec = (changes: Partial<CageSpec> = {}): CageSpec => ({
    argv: ["true"],
    cwd: folders.workspace,
    profile: "workspace",
    domain: "test",
    roots: [{ path: folders.workspace, write: true }],
    ...changes,
  });
  return {
    ...folders,
    cages,
    options,
    changed,
    spec,
    async script(text, changes) {
      const argv = ["/bin/bash", "--norc", "-c", text];
      const { code, stdout, stderr } = await cages.run(spec({ ...changes, argv }), bounds);
      return { code, stdout: stdout.toString(), stderr: stderr.toString() };
    },
    async [Symbol.asyncDispose]() {
      cages.close();
      rmSync(base, { recursive: true, force: true });
    },
  };
}

interface TestFolders {
  home: string;
  workspace: string;
  ownerHome: string;
}
