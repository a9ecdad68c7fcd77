/** The hub as a process. */
import { startHub } from "@paddock/hub/main";
import { loadConfig } from "../config.ts";
import { makeHome, placesOf } from "../home.ts";
import { openPassphrase } from "../passphrase/passphrase.ts";
import { serveAsProcess } from "../supervise/child.ts";
import { version } from "../version.ts";

export const hubProcess = () =>
  serveAsProcess(async () => {
    const places = placesOf(process.env);
    makeHome(places);
    const { values: config } = loadConfig(places, process.env);
    const hub = await startHub({
      home: places.home,
      passphrase: openPassphrase(places.home),
      config,
      version,
      environment: process.env,
    });
    return { facts: { address: hub.address }, close: () => hub.close() };
  });

if (import.meta.main) await hubProcess();
