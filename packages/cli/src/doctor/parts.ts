/** Checks of what runs: the runner, the hub, the ways to the owner, and what both have recorded. */
import { connect } from "node:net";
import { verifyLogs } from "../audit/logs.ts";
import { control, whenRunning } from "../control/request.ts";
import { type Check, type Finding, fail, ok, warn } from "./finding.ts";
import { hubElsewhere, machinesElsewhere } from "./machines-elsewhere.ts";
import { validConfig } from "./settings.ts";

const patienceMs = 5_000;

interface RunnerState {
  sandbox: string;
  missing: string[];
  hub: boolean;
  problem: string | null;
  joined: string | null;
}

/** A hub may have no machine of its own. */
const runner: Check = async ({ places }) => {
  const found = await ask<RunnerState>(places.runnerControl, "/status");
  if (!found) {
    const elsewhere = await machinesElsewhere(places);
    return elsewhere.length > 0 ? null : fail("the runner does not run", "Start it with `paddock up`.");
  }
  if (!found.hub) return withoutHub(found);
  if (found.missing.length > 0) {
    return warn(
      `this machine cannot enforce: ${found.missing.join("; ")}`,
      "docs/threat-model.md says what that means.",
    );
  }
  const holds = found.sandbox === "none" ? "contains nothing" : "holds all it promises";
  return ok(`the runner runs, is linked to the hub, and its sandbox (${found.sandbox}) ${holds}`);
};

function withoutHub({ joined, problem }: RunnerState): Finding {
  if (joined === null) {
    return warn(
      "the runner runs but has no link to the hub",
      "`paddock up` starts both; an MCP client that runs `paddock mcp` needs no hub.",
    );
  }
  return fail(
    `this machine has no link to its hub ${joined}: ${problem ?? "nobody answers there"}`,
    "It is tried again by itself. `paddock doctor` on the hub says what it sees of this machine.",
  );
}

const rules: Check = async ({ places }) => {
  const found = await ask<{ fault: string | null; warnings: string[]; rules: unknown[] }>(
    places.runnerControl,
    "/policy/rules",
  );
  if (!found) return null;
  if (found.fault !== null)
    return fail(`the rules of before are in force: ${found.fault}`, "See `paddock policy check`.");
  if (found.warnings.length > 0) return warn(found.warnings.join(" "), "See `paddock policy list`.");
  return ok(`${found.rules.length === 0 ? "the built-in rules are" : "your rules and the built-in ones are"} in force`);
};

const hub: Check = async ({ places }) => {
  const found = await ask<{ listens: string }>(places.hubControl, "/status");
  if (!found)
    return (await hubElsewhere(places)) === null ? fail("the hub does not run", "Start it with `paddock up`.") : null;
  const health = new URL("/healthz", found.listens);
  const answer = await fetch(health, { signal: AbortSignal.timeout(patienceMs) }).catch(() => null);
  if (answer?.ok) return ok(`the hub answers at ${found.listens}`);
  return fail(
    `the hub runs but ${found.listens} does not answer${answer ? ` as it should (HTTP ${answer.status})` : ""}`,
    "Look for a firewall on this machine, and at the hub's own words.",
  );
};

/** Only while the hub is down: what else listens where it would. */
const port: Check = async (patient) => {
  const config = validConfig(patient)?.values;
  if (!config || config.port === 0 || (await ask(patient.places.hubControl, "/status"))) return null;
  if ((await hubElsewhere(patient.places)) !== null) return null;
  const taken = await isTaken(config.port, config.host);
  return taken
    ? fail(
        `something else listens on ${config.host}, port ${config.port}`,
        "Stop it, or choose another: paddock up --port 7421.",
      )
    : ok(`port ${config.port} is free`);
};

const audit: Check = async ({ places }) => {
  const verdicts = Object.values(await verifyLogs(places));
  if (verdicts.every((verdict) => verdict === null)) return null;
  const fault = verdicts.flatMap((verdict) => verdict?.faults ?? [])[0];
  if (!fault) return ok("the audit logs are whole, as far as they could be read");
  return fail(
    `an audit log is broken: ${fault.file}, record ${fault.seq} (${fault.reason})`,
    "Keep a copy and find out who changed it; `paddock audit verify` says all of it.",
  );
};

/** A channel that was set up and does not work; a machine without a desktop is none. */
const channels: Check = async ({ places }) => {
  const found = await ask<{ channels: { name: string; unavailable: string | null }[] }>(
    places.runnerControl,
    "/channels",
  );
  if (!found) return null;
  const broken = found.channels.find(({ name, unavailable }) => unavailable !== null && name !== "desktop");
  if (broken)
    return warn(`${broken.name} does not reach you: ${broken.unavailable}`, "Try it with `paddock notify test`.");
  const working = found.channels.filter(({ unavailable }) => unavailable === null).map(({ name }) => name);
  if (working.length > 0) return ok(`questions reach you by ${working.join(" and ")}`);
  const [desktop] = found.channels;
  return ok(`questions wait in \`paddock approve\`${desktop ? `: for the desktop, ${desktop.unavailable}` : ""}`);
};

export const partChecks: readonly Check[] = [runner, rules, hub, port, channels, audit];

const ask = <T>(socket: string, path: string): Promise<T | null> => whenRunning(control<T>({ socket, path }));

const isTaken = (number: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port: number, host: host === "0.0.0.0" ? "127.0.0.1" : host, timeout: patienceMs });
    const end = (taken: boolean) => {
      socket.destroy();
      resolve(taken);
    };
    socket.on("connect", () => end(true));
    socket.on("timeout", () => end(false));
    socket.on("error", () => end(false));
  });
