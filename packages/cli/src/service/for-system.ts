/** Which service manager a system has. */
import type { Definition } from "./definition.ts";
import { launchd } from "./launchd.ts";
import { systemd } from "./systemd.ts";
import { taskScheduler } from "./task-scheduler.ts";
import type { Work } from "./work.ts";

export function definitionOf(platform: NodeJS.Platform, work: Work): Definition {
  if (platform === "darwin") return launchd(work);
  if (platform === "win32") return taskScheduler(work);
  return systemd(work);
}
