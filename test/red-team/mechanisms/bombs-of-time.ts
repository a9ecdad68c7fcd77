/** A caller gives work that is never done. It is ended or refused, and others are served. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runInNewContext } from "node:vm";
import { type Attack, patienceMs, bombRow as row } from "../bomb-row.ts";
import type { Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const oneShell = { weakness: "one shell for all" } as const;

const pattern = "^(a+)+$";
const slowText = `${"a".repeat(40)}!`;
/** How a pattern is matched by going back and trying again. */
const matchedNaively: Attack = async (_, { cross }) => {
  try {
    runInNewContext(`/${pattern}/.test(text)`, { text: slowText }, { timeout: 500 });
  } catch {
    cross("it was not done after half a second");
  }
};

/** Crosses when a call is not answered in time. */
const inTime =
  (tool: string, input: (scene: Scene) => object): Attack =>
  async ({ call }, scene) => {
    const begunAt = Date.now();
    await call(tool, input(scene));
    if (Date.now() - begunAt > patienceMs) scene.cross(`${tool} took ${Date.now() - begunAt} ms`);
  };

const slowFile: (input: (path: string) => object) => (scene: Scene) => object =
  (input) =>
  ({ here }) => {
    writeFileSync(join(here, "slow.txt"), slowText);
    return input(join(here, "slow.txt"));
  };

export const bombsOfTime: readonly Mechanism[] = [
  row(
    "endless-loop",
    "compute without end",
    "a shell and a time limit for each caller",
    async ({ sh, another }, { cross }) => {
      const busy = sh("while :; do :; done", 2);
      if ((await (await another()).sh("echo served")).trim() !== "served") cross("nobody else was served meanwhile");
      await busy;
    },
    oneShell,
  ),
  row(
    "deaf-loop",
    "ignore that it should end",
    "that a cage ends what does not end by itself",
    async ({ sh, another }, { cross }) => {
      const busy = sh("trap '' TERM INT HUP; while :; do sleep 0.1; done", 1);
      if ((await (await another()).sh("echo served")).trim() !== "served") cross("nobody else was served meanwhile");
      await busy;
    },
    oneShell,
  ),
  row(
    "many-calls",
    "make so many calls that nobody else is heard",
    "a queue for each caller",
    async ({ sh, another }, { cross }) => {
      const many = Array.from({ length: 30 }, () => sh("sleep 0.1", 5));
      if ((await (await another()).sh("echo served")).trim() !== "served") cross("nobody else was served meanwhile");
      await Promise.all(many);
    },
    oneShell,
  ),
  row(
    "pattern",
    "have a pattern of an edit never be done with a text",
    "patterns without going back",
    inTime(
      "replace_regex",
      slowFile((path) => ({ path, pattern, replacement: "x", dry_run: true })),
    ),
    { control: matchedNaively },
  ),
  row(
    "searched-pattern",
    "have a pattern of a search never be done with a text",
    "patterns without going back",
    inTime(
      "grep",
      slowFile((path) => ({ path, pattern })),
    ),
    { control: matchedNaively },
  ),
  row(
    "braces",
    "have a pattern for names stand for a million names",
    "a bound on patterns",
    inTime("glob", ({ here }) => ({ path: here, pattern: "{a,b}".repeat(20) })),
    {
      refusedAsInput: true,
      control: async ({ sh }, { cross }) => {
        const bytes = Number(await sh(`printf %s ${"{a,b}".repeat(19)} | wc -c`));
        if (bytes > 8_000_000) cross(`${bytes} bytes`);
      },
    },
  ),
  row(
    "stars",
    "have a pattern for names try every way to match",
    "a bound on patterns",
    inTime("glob", ({ here }) => {
      writeFileSync(join(here, "a".repeat(200)), "");
      return { path: here, pattern: `${"*a".repeat(60)}b` };
    }),
    {
      refusedAsInput: true,
      control: async (_, { cross }) => {
        const naive = `new RegExp("^" + "${"*a".repeat(60)}b".replaceAll("*", ".*") + "$").test("${"a".repeat(200)}")`;
        try {
          runInNewContext(naive, {}, { timeout: 500 });
        } catch {
          cross("it was not done after half a second");
        }
      },
    },
  ),
  row(
    "deep-input",
    "send an input that is nested without end",
    "a bound on the depth of inputs",
    async ({ http }, { cross }) => {
      const depth = 100_000;
      const body = `{"path": ${"[".repeat(depth)}${"]".repeat(depth)}}`;
      const { status } = await http({ method: "POST", path: "/api/v1/tools/read_text_file", body }).catch(() => ({
        status: 0,
      }));
      if (status === 0 || status >= 500) cross(`it was answered with ${status}`);
    },
    {
      control: async (_, { cross }) => {
        const walk = (value: unknown): number => (Array.isArray(value) ? 1 + Math.max(0, ...value.map(walk)) : 0);
        try {
          walk(JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`));
        } catch {
          cross("who walks it falls");
        }
      },
      refusedAsInput: true,
    },
  ),
  row(
    "pipe",
    "have a file be read that never ends",
    "that only files are read",
    async ({ sh, call }, { here, cross }) => {
      await sh(`mkfifo ${here}/pipe`);
      const begunAt = Date.now();
      await call("read_text_file", { path: join(here, "pipe") });
      if (Date.now() - begunAt > patienceMs) cross("it was waited for");
    },
    {
      control: async ({ sh }, { here, cross }) => {
        await sh(`mkfifo ${here}/pipe; timeout 0.5 cat ${here}/pipe || touch ${here}/waited`);
        if (existsSync(join(here, "waited"))) cross("it was waited for");
      },
    },
  ),
];
