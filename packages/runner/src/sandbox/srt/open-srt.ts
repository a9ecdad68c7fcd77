/**
 * Opens what macOS and Windows bring to contain programs, through the sandbox runtime. None of it has been run by us: it is
 * tried at the start on the machine itself, and what cannot be held there stops the start.
 */
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { PaddockError } from "@paddock/contract";
import type { Backend, CageOptions } from "../backend.ts";
import type { CageSpec } from "../cage.ts";
import { collect } from "../collect.ts";
import { findHidden } from "../hidden/hidden.ts";
import { privateHome } from "../private-homes.ts";
import { makeProbeGround } from "../probe-ground.ts";
import type { Proof } from "../proof.ts";
import { findToolchains } from "../toolchains.ts";

/** Throws sandbox_unavailable where programs cannot be contained, cannot_enforce where not as they have to be. */
export async function openSrt(options: CageOptions, platform: NodeJS.Platform = process.platform): Promise<Backend> {
  if (platform === "win32") throw windows;
  if (platform !== "darwin") {
    throw new PaddockError(
      "sandbox_unavailable",
      '`sandbox = "srt"` is for macOS.',
      'On Linux take `sandbox = "bwrap"`, which shows a cage only what it needs.',
    );
  }
  const { startSeatbelt } = await import("./start-seatbelt.ts");
  const hidden = findHidden(options.hidden()).map(({ path }) => path);
  const seatbelt = {
    ...{ paddockHome: options.home, ownerHome: options.ownerHome },
    toolchains: findToolchains(options.toolPath, options.ownerHome, hidden),
    homeFor: (domain: string) => privateHome(options.home, domain),
  };
  const start: Backend["start"] = (spec, limits, covered) => startSeatbelt(seatbelt, spec, limits, covered);
  await tryIt(options, start);
  return { kind: "srt", proof, start, close: () => undefined };
}

/** Neither a group of processes nor their memory can be bounded together by this system. */
const proof: Proof = {
  kind: "srt",
  memory: "unlimited",
  pids: "unlimited",
  cpus: "unlimited",
  namespacesClosed: false,
  callsFiltered: false,
};

/** Says what of a cage does not hold, or nothing but the last word. */
const containment = `
! cat "$1/.paddock-probe" || echo "Paddock's own state is visible"
! (exec 3<>"/dev/tcp/127.0.0.1/$3") || echo "there is a way into the network"
! touch "$1/.paddock-probe" || echo "files outside of the roots can be written"
! cat "$2/hidden" || echo "a hidden file can be read"
! { echo >>"$2/.git/config" || touch "$2/.git/hooks/probe"; } || echo "a repository's configuration can be written"
touch "$2/written" || echo "a root cannot be written"
echo contained`;

async function tryIt({ home, limits }: CageOptions, start: Backend["start"]): Promise<void> {
  using ground = makeProbeGround(home);
  const mark = join(home, ".paddock-probe");
  writeFileSync(mark, "", { mode: 0o600 });
  const listener = createServer((connection) => connection.destroy()).listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => listener.once("listening", resolve));
    const { port } = listener.address() as { port: number };
    const argv = ["/bin/bash", "-c", `{ ${containment}\n} 2>/dev/null`, "sh", home, ground.folder, String(port)];
    const roots = [{ path: ground.folder, write: true }];
    const spec: CageSpec = { argv, cwd: ground.folder, profile: "workspace", domain: "probe", roots };
    const caged = await start(spec, limits, [{ path: join(ground.folder, "hidden"), type: "file" }]);
    const { stdout, stderr } = await collect({ ...caged, stopped: null }, { maxBytes: 4096, timeoutMs: 30_000 });
    checkSaid(stdout.toString(), stderr.toString());
  } finally {
    listener.close();
    rmSync(mark, { force: true });
  }
}

/** Throws sandbox_unavailable unless the trial said that all of it holds. */
export function checkSaid(stdout: string, stderr: string): void {
  if (stdout === "contained\n") return;
  const faults = stdout
    .trim()
    .split("\n")
    .filter((line) => line !== "contained" && line !== "");
  const why = faults.length > 0 ? faults.join("; ") : stderr.trim().slice(0, 300) || "it said nothing";
  throw new PaddockError("sandbox_unavailable", `A cage of this machine does not hold: ${why}.`);
}

const windows = new PaddockError(
  "cannot_enforce",
  "On Windows the sandbox runtime opens folders for all that it runs at once, so the callers of this machine could reach each other's workspaces.",
  "Run Paddock in WSL 2, where bubblewrap divides them.",
);
