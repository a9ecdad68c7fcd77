/** The runner as a process. */
import { configKeys } from "@paddock/contract";
import { startRunner } from "@paddock/runner/main";
import { loadConfig, workspaceOf } from "../config.ts";
import { makeHome, placesOf } from "../home.ts";
import { openPassphrase } from "../passphrase/passphrase.ts";
import { serveAsProcess } from "../supervise/child.ts";
import { version } from "../version.ts";

/** `hubSocket` is null for a runner that serves attached clients only. */
export const runnerProcess = (hubSocket: string | null = placesOf(process.env).hubLink) =>
  serveAsProcess(async () => {
    const places = placesOf(process.env);
    makeHome(places);
    const { values: config, origins } = loadConfig(places, process.env);
    const runner = await startRunner({
      home: places.home,
      passphrase: openPassphrase(places.home),
      config,
      configured: configKeys.filter((key) => origins[key] !== "default"),
      workspace: workspaceOf(config),
      version,
      hubSocket,
      environment: process.env,
    });
    return { facts: { ...runner.facts }, linked: runner.linked, close: () => runner.close() };
  });

if (import.meta.main) await runnerProcess(process.argv.includes("--attached-only") ? null : undefined);
