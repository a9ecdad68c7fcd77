/** This installation as a client has to know it. */
import { homedir } from "node:os";
import { commandFile } from "../own-command.ts";
import type { Installation } from "./clients.ts";

export function installationAt(
  address: string,
  {
    workspace,
    environment,
    project,
  }: { workspace: string | undefined; environment: NodeJS.ProcessEnv; project: string },
): Installation {
  const { PADDOCK_HOME } = environment;
  const at = workspace === undefined ? [] : ["--workspace", workspace];
  return {
    address,
    mcp: `${address}/mcp`,
    program: {
      command: process.execPath,
      args: [commandFile, "mcp", ...at],
      ...(PADDOCK_HOME ? { env: { PADDOCK_HOME } } : {}),
    },
    platform: process.platform,
    home: environment.HOME ?? homedir(),
    project,
  };
}
