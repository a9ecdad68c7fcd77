/** Where an installation keeps its state, and where its parts can be reached on this machine. */
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

export interface Places {
  /** State of the installation, readable by its owner only. */
  home: string;
  configFile: string;
  /** The runner's own folder. */
  runner: string;
  hubControl: string;
  hubLink: string;
  runnerControl: string;
  tunnelControl: string;
}

export function placesOf(environment: NodeJS.ProcessEnv): Places {
  const home = resolve(environment.PADDOCK_HOME || join(homedir(), ".paddock"));
  return {
    home,
    configFile: join(home, "config.toml"),
    runner: join(home, "runner"),
    hubControl: join(home, "hub", "control.sock"),
    hubLink: join(home, "hub", "link.sock"),
    runnerControl: join(home, "runner", "control.sock"),
    tunnelControl: join(home, "tunnel", "control.sock"),
  };
}

/** Makes the state folder and its parts, for the owner alone. */
export function makeHome({ home }: Places): void {
  for (const folder of [home, join(home, "hub"), join(home, "runner")])
    mkdirSync(folder, { recursive: true, mode: 0o700 });
}
