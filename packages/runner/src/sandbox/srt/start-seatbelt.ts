/**
 * Contains a program with Seatbelt, the sandbox of macOS. The way out to the network is a port of this machine that only
 * the one profile allows; the program's environment is its own, but for what finds that port.
 */

import { mkdirSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { wrapCommandWithSandboxMacOS } from "@anthropic-ai/sandbox-runtime/dist/sandbox/macos-sandbox-utils.js";
import { spawnProgram } from "../../processes/spawn.ts";
import type { CageSpec, Contained, Doorway, Limits } from "../cage.ts";
import { cagedChild } from "../child.ts";
import type { Hidden } from "../hidden/hidden.ts";
import { newMark } from "../last-resort.ts";
import { uncagedTree } from "../none.ts";
import type { Toolchains } from "../toolchains.ts";
import { cleanEnvironment } from "../view.ts";
import { seatbeltOf, temporaryIn } from "./seatbelt.ts";

export interface Seatbelt {
  paddockHome: string;
  ownerHome: string;
  toolchains: Toolchains;
  homeFor(domain: string): string;
}

export async function startSeatbelt(
  { homeFor, ...around }: Seatbelt,
  spec: CageSpec,
  limits: Limits,
  hidden: readonly Hidden[],
): Promise<Contained> {
  const privateHome = homeFor(spec.domain);
  mkdirSync(temporaryIn(privateHome), { recursive: true, mode: 0o700 });
  const way = spec.doorway ? await openWay(spec.doorway) : null;
  const mark = newMark();
  try {
    const command = wrapCommandWithSandboxMacOS(
      seatbeltOf(spec, limits, { ...around, privateHome, hidden, port: way?.port ?? null }),
    );
    const home = spec.profile === "open" ? around.ownerHome : privateHome;
    const child = spawnProgram({
      argv: ["/bin/sh", "-c", `exec ${command}`],
      env: { ...cleanEnvironment(around.toolchains, home), ...spec.doorway?.env, ...spec.env, [mark.name]: mark.value },
      cwd: spec.cwd,
      stdio: ["pipe", "pipe", "pipe", ...(spec.inherit ?? [])],
      detached: true,
    });
    child.once("exit", () => way?.close());
    return await cagedChild(child, spec.argv[0] ?? "", uncagedTree(child, mark.assignment));
  } catch (error) {
    way?.close();
    throw error;
  }
}

interface WayOut {
  port: number;
  close(): void;
}

async function openWay(doorway: Doorway): Promise<WayOut> {
  const server: Server = createServer((connection) => doorway.accept(connection));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as { port: number };
  const close = () => {
    server.close();
    doorway.close();
  };
  return { port, close };
}
