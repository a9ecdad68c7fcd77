/** The runner as a process. */
import { startRunner } from "@paddock/runner/main";
import { loadConfig, workspaceOf } from "../config.ts";
import { makeHome, placesOf } from "../home.ts";
import { serveAsProcess } from "../supervise/child.ts";
import { version } from "../version.ts";

export const runnerProcess = () =>
  serveAsProcess(async () => {
    const places = placesOf(process.env);
    makeHome(places);
    const { values: config } = loadConfig(places, process.env);
    const runner = await startRunner({
      home: places.home,
      config,
      workspace: workspaceOf(config),
      version,
      hubSocket: places.hubLink,
    });
    return { facts: runner.facts, linked: runner.linked, close: () => runner.close() };
  });

if (import.meta.main) await runnerProcess();
