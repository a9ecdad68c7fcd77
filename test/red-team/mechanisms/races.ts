/** A file tool looks at a path, and by the time it acts the path leads elsewhere. */
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Attacker, Harm, Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const rounds = 25;

/** Swaps `at` between a folder and a link to a place outside, as fast as it can, until it is ended. */
const swapper = `
  const { renameSync, rmSync, symlinkSync } = require("node:fs");
  const { workerData: { at, outside } } = require("node:worker_threads");
  const tried = (step) => { try { step(); return true; } catch { return false; } };
  const swap = (step) => tried(step) || tried(() => rmSync(at, { recursive: true, force: true }));
  for (;;) {
    swap(() => renameSync(at, at + ".aside"));
    swap(() => symlinkSync(outside, at));
    tried(() => rmSync(at, { recursive: true, force: true }));
    swap(() => renameSync(at + ".aside", at));
  }`;

function row(
  id: string,
  tries: string,
  harm: Harm,
  act: (attacker: Attacker, at: string, round: number, scene: Scene) => Promise<unknown>,
): Mechanism {
  const lay = ({ here }: Scene) => {
    const at = join(here, "swapped");
    mkdirSync(at);
    for (const name of ["secret.txt", "guarded.txt"]) writeFileSync(join(at, name), "as it was\n");
    writeFileSync(join(here, "mine"), "mine\n");
    return at;
  };
  return {
    id: `races/${id}`,
    tries: `${tries}, while a thread swaps a folder of its path for a link`,
    defence: "that what was looked at is what is acted on, by handle",
    harm,
    weakness: "checks first",
    async attack(attacker, scene) {
      const at = lay(scene);
      const worker = new Worker(swapper, { eval: true, workerData: { at, outside: scene.outside } });
      for (let round = 0; round < rounds; round += 1) await act(attacker, at, round, scene);
      await worker.terminate();
    },
    async control(attacker, scene) {
      const at = lay(scene);
      scene.afterCheck = (path) => {
        if (!path.startsWith(at)) return;
        scene.afterCheck = null;
        renameSync(at, `${at}.aside`);
        symlinkSync(scene.outside, at);
      };
      await act(attacker, at, 0, scene);
    },
  };
}

export const races: readonly Mechanism[] = [
  row("read", "read", "secret read", ({ call }, at) => call("read_text_file", { path: `${at}/secret.txt` })),
  row("read-bytes", "read bytes", "secret read", ({ call }, at) =>
    call("read_file_base64", { path: `${at}/secret.txt` }),
  ),
  row("list", "list", "secret read", ({ call }, at) => call("list_directory", { path: at })),
  row("tree", "draw a tree", "secret read", ({ call }, at) => call("directory_tree", { path: at })),
  row("glob", "find names", "secret read", ({ call }, at) => call("glob", { pattern: "*", path: at })),
  row("grep", "search", "secret read", ({ call }, at) => call("grep", { pattern: "canary", path: `${at}/` })),
  row("copy", "copy", "secret read", ({ call }, at, round, { here }) =>
    call("copy_file", { source: `${at}/secret.txt`, destination: `${here}/copied-${round}` }),
  ),
  row("write", "write", "file changed", ({ call }, at) =>
    call("write_file", { path: `${at}/guarded.txt`, content: "changed" }),
  ),
  row("create", "create", "file changed", ({ call }, at, round) =>
    call("write_file", { path: `${at}/new-${round}`, content: "x" }),
  ),
  row("edit", "edit", "file changed", ({ call }, at, round) =>
    call("edit_file", { path: `${at}/guarded.txt`, old_text: "as it was", new_text: `as it was ${round}` }),
  ),
  row("patch", "apply a patch", "file changed", ({ call }, at, round) =>
    call("apply_patch", {
      patch: `*** Begin Patch\n*** Add File: ${at}/patched-${round}\n+x\n*** End Patch`,
    }),
  ),
  row("move", "move a file", "file changed", ({ call }, at, round, { here }) =>
    call("move_file", {
      source: round === 0 ? `${here}/mine` : `${at}/moved-${round - 1}`,
      destination: `${at}/moved-${round}`,
    }),
  ),
  row("delete", "delete", "file changed", ({ call }, at) => call("delete_file", { path: `${at}/guarded.txt` })),
  row("folder", "create a folder", "file changed", ({ call }, at, round) =>
    call("create_directory", { path: `${at}/made-${round}/deep` }),
  ),
  row("command", "start a command", "secret read", ({ call }, at) =>
    call("run_command", { command: "cat secret.txt", working_directory: at }),
  ),
];
