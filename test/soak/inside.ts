/**
 * The soak, as it runs inside of its own network: a hub behind nginx and Caddy with TLS, three machines with addresses of
 * their own, callers that never stop, and everything that can go wrong on the way. Prints what it saw as JSON.
 *
 * node test/soak/inside.ts --seconds 600 --seed 1
 */
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { setDefaultCACertificates } from "node:tls";
import { parseArgs, promisify } from "node:util";
import { makeCertificate, publicName, startProxy } from "../world/proxies.ts";
import { until } from "../world/until.ts";
import { paddockCommand } from "../world/world.ts";
import { openBadLine } from "./bad-line.ts";
import { type Kept, keep } from "./kept.ts";
import { callOnAndOn } from "./load.ts";
import { knowNames, makeHost, makeNetwork, serverAddress } from "./network.ts";
import { judge, type Verdict } from "./verdict.ts";
import { randomOf, type Stage, type Sufferer, storm } from "./weather.ts";

export interface Report extends Verdict {
  seconds: number;
  troubles: Record<string, number>;
  starts: { hub: number; runners: number[] };
  /** Resident memory in MB while nothing was killed any more: the middle of the beginning, and of the end. */
  memory: { who: string; before: number; after: number }[];
}

const machineCount = 3;
const callersEach = 4;
const [hubPort, publicPort] = [7420, 8443];
const url = `https://${publicName}:${publicPort}`;
/** The proxies' own addresses; behind them come one for each machine's line. */
const [nginxAddress, caddyAddress] = [serverAddress(2), serverAddress(3)];
const lineAddress = (machine: number) => serverAddress(3 + machine);
/** The last part of the time is for the memory: troubles go on, but nothing is killed. */
const calmShare = 0.35;

const { values } = parseArgs({ options: { seconds: { type: "string" }, seed: { type: "string" } } });
const seconds = Number(values.seconds ?? 60);

async function soak(): Promise<Report> {
  await using open = new AsyncDisposableStack();
  const { hub, machines, token } = await openScene(open);
  const begun = Date.now();
  const after = (share: number) => () => Date.now() - begun >= seconds * 1000 * share;
  const stage: Stage = { machines, hub, random: randomOf(Number(values.seed ?? 1)), patient: seconds >= 300 };
  const callers = machines.flatMap(({ name }) =>
    Array.from({ length: callersEach }, (_, caller) =>
      callOnAndOn({ url, token, machine: name }, `${name}-caller${caller}`, after(1)),
    ),
  );
  const troubles = await storm(stage, true, after(1 - calmShare));
  const used = watchMemory([["hub", hub.pid], ...machines.map(({ name, runner }) => [name, runner.pid] as const)]);
  for (const [name, times] of Object.entries(await storm(stage, false, after(1)))) {
    troubles[name] = (troubles[name] ?? 0) + times;
  }
  const memory = used();
  const records = (await Promise.all(callers)).flat();
  const lines = new Map(machines.map(({ name, environment }) => [name, linesOf(environment)]));
  const starts = { hub: hub.starts, runners: machines.map(({ runner }) => runner.starts) };
  return { seconds, ...judge(records, lines), troubles, starts, memory };
}

interface Machine extends Sufferer {
  name: string;
  environment: NodeJS.ProcessEnv;
}

/** The hub, the proxies before it, and machines that have joined it. */
async function openScene(open: AsyncDisposableStack): Promise<{ hub: Kept; machines: Machine[]; token: string }> {
  const folder = mkdtempSync(join(tmpdir(), "paddock-soak-"));
  open.defer(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  makeNetwork(3 + machineCount);
  const certificate = makeCertificate(folder);
  setDefaultCACertificates([readFileSync(certificate.cert, "utf8")]);
  knowNames(folder, { [publicName]: nginxAddress });

  const more = { PADDOCK_PORT: String(hubPort), PADDOCK_PUBLIC_URL: url };
  const environment = { ...environmentOf(folder, "hub", certificate.cert), ...more };
  const hub = open.use(keep([process.execPath, paddockCommand, "hub"], environment));
  await until(isServing);
  for (const [kind, host] of [
    ["nginx", nginxAddress],
    ["caddy", caddyAddress],
  ] as const) {
    open.use(await startProxy(kind, { port: publicPort, hubPort, host }, certificate));
  }
  const owner = async (...args: string[]) => JSON.parse(await paddock(environment, [], ...args, "--json"));
  const machines: Machine[] = [];
  for (let number = 1; number <= machineCount; number += 1) {
    const name = `machine${number}`;
    const { code } = await owner("machine", "invite", "--name", name);
    machines.push(await joinAs(open, { folder, number, name, code, authority: certificate.cert }));
  }
  const { token } = await owner("token", "create", "--name", "soak", "--toolset", "full");
  await until(async () => {
    const listed: { online: boolean }[] = await owner("machine", "list");
    return listed.filter(({ online }) => online).length === machineCount;
  });
  return { hub, machines, token };
}

interface Joining {
  folder: string;
  number: number;
  name: string;
  code: string;
  authority: string;
}

async function joinAs(
  open: AsyncDisposableStack,
  { folder, number, name, code, authority }: Joining,
): Promise<Machine> {
  const host = makeHost(folder, number);
  const to = { host: number % 2 === 0 ? caddyAddress : nginxAddress, port: publicPort };
  const line = open.use(await openBadLine({ host: lineAddress(number), port: publicPort }, to));
  const environment = environmentOf(folder, name, authority);
  const within = host.within({ [publicName]: lineAddress(number) });
  await paddock(environment, within, "join", url, code, "--no-run");
  const runner = open.use(keep([...within, process.execPath, paddockCommand, "runner"], environment));
  return { name, host, line, runner, environment };
}

function environmentOf(folder: string, name: string, authority: string): NodeJS.ProcessEnv {
  const [home, workspace] = [join(folder, name), join(folder, name, "work")];
  mkdirSync(workspace, { recursive: true });
  const places = { HOME: home, PADDOCK_HOME: join(home, "state"), PADDOCK_WORKSPACE: workspace };
  return { PATH: process.env.PATH, LANG: "C.UTF-8", NODE_EXTRA_CA_CERTS: authority, ...places };
}

async function paddock(environment: NodeJS.ProcessEnv, within: readonly string[], ...args: string[]): Promise<string> {
  const [program = "", ...rest] = [...within, process.execPath, paddockCommand, ...args];
  const { stdout } = await promisify(execFile)(program, rest, { env: environment });
  return stdout;
}

const isServing = (): Promise<boolean> =>
  fetch(`http://127.0.0.1:${hubPort}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

const linesOf = ({ PADDOCK_WORKSPACE: workspace = "" }: NodeJS.ProcessEnv): string[] =>
  readFileSync(join(workspace, "told.txt"), "utf8").split("\n").filter(Boolean);

/** Looks every second; returns how to stop. A process that is not the same any more counts for nothing. */
function watchMemory(processes: readonly (readonly [who: string, pid: number])[]): () => Report["memory"] {
  const seen = processes.map(([who, pid]) => ({ who, pid, samples: [] as number[] }));
  const watching = new AbortController();
  void (async () => {
    while (!watching.signal.aborted) {
      for (const { pid, samples } of seen) samples.push(residentOf(pid));
      await wait(1_000);
    }
  })();
  return () => {
    watching.abort();
    return seen.map(({ who, samples }) => {
      const third = Math.max(1, Math.floor(samples.length / 3));
      return { who, before: middle(samples.slice(0, third)), after: middle(samples.slice(-third)) };
    });
  };
}

const middle = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const residentOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1000);

const report = await soak();
process.stdout.write(`${JSON.stringify(report)}\n`);
