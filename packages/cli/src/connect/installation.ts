/** This installation as a client has to know it. */
import { homedir } from "node:os";
import { commandFile } from "../own-command.ts";
import type { Auth, Installation } from "./client.ts";

export interface InstallationWish {
  auth: Auth;
  /** For a client that starts Paddock itself. */
  workspace: string | undefined;
  environment: NodeJS.ProcessEnv;
  project: string;
}

/** `address` is the hub's, without a slash at its end. */
export function installationAt(
  address: string,
  { auth, workspace, environment, project }: InstallationWish,
): Installation {
  const { PADDOCK_HOME } = environment;
  const at = workspace === undefined ? [] : ["--workspace", workspace];
  return {
    address,
    mcp: `${address}/mcp`,
    auth,
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
