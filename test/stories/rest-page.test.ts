/** docs/rest.md is true: its commands run as they stand, against a real hub and machine, and answer what the page says. */
import assert from "node:assert/strict";
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { readSource } from "../sources.ts";
import { until } from "../world/until.ts";
import { paddockCommand, startWorld } from "../world/world.ts";

/** A piece of the page: commands, and what they answer where the page says so. */
interface Example {
  commands: string;
  answer: unknown;
}

/** The address on the page, in whose place is that of the hub of this test. */
const addressOfPage = "http://127.0.0.1:7420";

function examples(): Example[] {
  const blocks = [...readSource("docs/rest.md").matchAll(/^```(\w+)\n(.*?)^```$/gms)];
  return blocks.flatMap(([, kind, commands = ""], index) => {
    const [, next, shown = ""] = blocks[index + 1] ?? [];
    return kind === "sh" ? [{ commands, answer: next === "json" ? JSON.parse(shown) : null }] : [];
  });
}

/** The value as the page would show it: what it shows as `...` becomes that, what it leaves out is gone. */
function asShown(value: unknown, page: unknown): unknown {
  if (typeof page === "string" && typeof value === "string") return fits(value, page) ? page : value;
  if (Array.isArray(page) && Array.isArray(value)) return value.map((item, index) => asShown(item, page[index]));
  if (!isObject(page) || !isObject(value)) return value;
  const isWhole = !Object.hasOwn(page, "...");
  const shown = Object.entries(value).filter(([key]) => isWhole || Object.hasOwn(page, key));
  const fields = shown.map(([key, field]) => [key, asShown(field, page[key])] as const);
  return { ...Object.fromEntries(fields), ...(isWhole ? {} : { "...": page["..."] }) };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const fits = (text: string, page: string): boolean => {
  const parts = page.split("...");
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  return (
    parts.length > 1 && text.startsWith(first) && text.endsWith(last) && parts.every((part) => text.includes(part))
  );
};

type Shell = ChildProcessByStdio<Writable, Readable, null>;
let marks = 0;

/** What the commands print on standard output, in the one shell of whoever follows the page. */
function printed(shell: Shell, commands: string): Promise<string> {
  marks += 1;
  const mark = `--- that was ${marks} ---`;
  return new Promise((resolve, reject) => {
    let text = "";
    const gone = () => reject(new Error(`the shell ended after ${text}`));
    const take = (piece: string) => {
      text += piece;
      if (!text.includes(mark)) return;
      shell.stdout.off("data", take);
      shell.off("exit", gone);
      resolve(text.slice(0, text.indexOf(mark)));
    };
    shell.stdout.on("data", take);
    shell.once("exit", gone);
    shell.stdin.write(`${commands}\necho '${mark}'\n`);
  });
}

/** What only looks is done again until it shows what the page shows: a command may not have printed anything yet. */
async function follow(shell: Shell, { commands, answer }: Example): Promise<void> {
  const onlyLooks = !commands.includes("--json");
  const attempt = async () => {
    const text = await printed(shell, commands);
    return answer === null ? null : asShown(JSON.parse(text), answer);
  };
  let last: unknown;
  const isAsShown = async () => {
    last = await attempt();
    return JSON.stringify(sorted(last)) === JSON.stringify(sorted(answer));
  };
  if (!onlyLooks) last = await attempt();
  else await until(isAsShown, 40_000).catch(() => {});
  assert.deepEqual(last, answer, commands);
}

const sorted = (value: unknown): unknown =>
  isObject(value)
    ? Object.fromEntries(
        Object.keys(value)
          .toSorted()
          .map((key) => [key, sorted(value[key])]),
      )
    : Array.isArray(value)
      ? value.map(sorted)
      : value;

test("every example of docs/rest.md does what the page says", needs("bwrap", "bash", "curl"), async () => {
  await using open = new AsyncDisposableStack();
  const world = open.use(await startWorld({ settings: { PADDOCK_ANSWER_BUDGET_SECONDS: "10" } }));
  const folder = mkdtempSync(join(tmpdir(), "pr-"));
  open.defer(() => rmSync(folder, { recursive: true, force: true }));
  const shell = spawn("bash", ["--norc"], { cwd: folder, env: world.environment, stdio: ["pipe", "pipe", "inherit"] });
  open.defer(() => void shell.kill("SIGKILL"));
  shell.stdout.setEncoding("utf8");
  await printed(shell, `paddock() { '${process.execPath}' '${paddockCommand}' "$@"; }`);
  const all = examples();
  assert.ok(all.length >= 10);
  for (const { commands, answer } of all)
    await follow(shell, { commands: commands.replaceAll(addressOfPage, world.address), answer });
});
