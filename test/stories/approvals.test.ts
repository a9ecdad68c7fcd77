/**
 * One question, three ways to answer it: a real notification on a desktop, a phone over ntfy, and the command line. The first
 * answer counts, the others are told, and none of them can be used twice.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, test } from "node:test";
import {
  type Desktop,
  desktopPrograms,
  startDesktop,
} from "../../packages/runner/src/approvals/channels/dbus/desktop.fixture.ts";
import {
  type NtfyStandIn,
  type Stored,
  startNtfy,
} from "../../packages/runner/src/approvals/channels/ntfy/ntfy.fixture.ts";
import { needs } from "../needs.ts";
import { type Caller, rest } from "../world/callers.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { until } from "../world/until.ts";
import { paddockCommand, startWorld, type World } from "../world/world.ts";

const everything = needs("bwrap", ...desktopPrograms);
const open = new AsyncDisposableStack();
let desktop: Desktop;
let phone: NtfyStandIn;
let settings: Record<"DBUS_SESSION_BUS_ADDRESS" | `PADDOCK_NTFY_${"URL" | "TOPIC" | "TOKEN_FILE"}`, string>;
let world: World;
let agent: Caller;

before(async () => {
  if (everything.skip) return;
  desktop = open.use(await startDesktop());
  phone = open.use(await startNtfy());
  const folder = mkdtempSync(join(tmpdir(), "pa-"));
  open.defer(() => rmSync(folder, { recursive: true }));
  const token = join(folder, "token");
  writeFileSync(token, phone.token, { mode: 0o600 });
  settings = {
    DBUS_SESSION_BUS_ADDRESS: desktop.environment.DBUS_SESSION_BUS_ADDRESS ?? "",
    PADDOCK_NTFY_URL: phone.url,
    PADDOCK_NTFY_TOPIC: "box",
    PADDOCK_NTFY_TOKEN_FILE: token,
  };
  world = open.use(await startWorld({ settings }));
  writeFileSync(join(world.workspace, ".env"), "KEY=1\n");
  agent = await rest(world);
});
after(() => open.disposeAsync());

interface Question {
  id: string;
  run: string;
}

const waiting = async () => (await jsonOf<{ questions?: Question[] }>(commandOf(world), "approve")).questions ?? [];
const displayed = (count: number) => until(async () => (await desktop.displayed()) === count);
/** What waits, when all three ways show it. */
async function shown(): Promise<{ question: Question; message: Stored }> {
  const question = await until(async () => (await waiting())[0]);
  const message = await until(() => phone.messages("box").find((one) => one.sequence_id === question.id));
  await displayed(1);
  return { question, message };
}
/** The note that says how it ended is closed by the person. */
async function readOutcome(words: string): Promise<void> {
  await until(() => desktop.notes().at(-1)?.body === words);
  await until(async () => {
    await desktop.dismiss();
    return (await desktop.displayed()) === 0;
  });
}
const readsSecrets = () => agent.call("read_text_file", { path: ".env" });
const leavesCage = () => agent.call("run_command", { command: "echo out", needs: { no_cage: true, reason: "to see" } });

interface Entry {
  event: string;
  run?: string;
  code?: string;
  detail?: { approval?: string; channel?: string; answer?: unknown; by?: string };
}

/** What the runner recorded of a question: each answer, and each that changed nothing. */
async function recorded({ id, run }: Question): Promise<string[]> {
  const records = await jsonOf<Entry[]>(commandOf(world), "audit", "tail", "--lines", "60");
  return records
    .filter((entry) => entry.run === run || entry.detail?.approval === id)
    .filter(({ event }) => event.startsWith("approval."))
    .map(({ event, code, detail }) => [event, code, detail?.channel].filter(Boolean).join(" "));
}

test("the phone answers: the call goes on, and the desktop and the command line are told", everything, async () => {
  const watch = watcher();
  const call = readsSecrets();
  const { question, message } = await shown();
  assert.deepEqual(
    message.actions?.map(({ label }) => label),
    ["Allow once", "Allow for 15 min", "Deny"],
  );
  await until(() => watch.said().includes(question.id));
  await phone.press(message, "Allow once");
  assert.equal((await call).data.content, "KEY=1\n");
  await readOutcome("Allowed, through ntfy");
  await until(() => watch.said().includes(`"type":"over","id":"${question.id}"`));
  await watch.end();
  await phone.press(message, "Deny");
  await until(async () => (await recorded(question)).length === 3);
  const late = await commandOf(world)(["approve", question.id, "--deny", "--json"]);
  assert.equal(JSON.parse(late.stdout).error.code, "approval_over");
  assert.deepEqual(await recorded(question), [
    "approval.asked",
    "approval.answered ntfy",
    "approval.refused approval_over ntfy",
    "approval.refused approval_over cli",
  ]);
});

test("a button on the desktop is worth an answer on the machine, and one on the phone is not", everything, async () => {
  const call = leavesCage();
  const { question, message } = await shown();
  assert.deepEqual(
    message.actions?.map(({ label }) => label),
    ["Deny"],
  );
  assert.match(desktop.notes().at(-1)?.body ?? "", /Command:\n│ echo out\n/);
  await desktop.press("Allow once");
  assert.equal((await call).data.stdout, "out\n");
  await displayed(0);
  await until(() => phone.messages("box").at(-1)?.message === "Allowed, through desktop");
  assert.deepEqual(await recorded(question), ["approval.asked", "approval.answered desktop"]);
});

test("closing the notification is a no, and final", everything, async () => {
  const call = leavesCage();
  const { question } = await shown();
  await desktop.dismiss();
  assert.equal((await call).data.code, "approval_denied");
  const late = await commandOf(world)(["approve", question.id, "--json"]);
  assert.equal(JSON.parse(late.stdout).error.code, "approval_over");
});

test("the command line answers: the desktop and the phone are told", everything, async () => {
  const call = leavesCage();
  const { question } = await shown();
  await world.paddock("approve", question.id, "--deny");
  assert.equal((await call).data.code, "approval_denied");
  await readOutcome("Denied, through cli");
  await until(() => phone.messages("box").at(-1)?.message === "Denied, through cli");
});

test("of three answers at the same moment one counts, and the others are on record as late", everything, async () => {
  const call = readsSecrets();
  const { question, message } = await shown();
  await Promise.allSettled([
    desktop.press("Allow once"),
    phone.press(message, "Deny"),
    commandOf(world)(["approve", question.id]),
  ]);
  const { ok, data } = await call;
  const record = await until(async () => {
    const found = await recorded(question);
    return found.length >= 3 && found;
  });
  const answered = record.filter((entry) => entry.startsWith("approval.answered"));
  assert.equal(answered.length, 1);
  assert.equal(ok, answered[0] !== "approval.answered ntfy");
  assert.equal(ok ? data.content : data.code, ok ? "KEY=1\n" : "approval_denied");
  assert.deepEqual(
    record.filter((entry) => entry.startsWith("approval.refused") && !entry.includes("approval_over")),
    [],
  );
  await until(async () => {
    if ((await desktop.displayed()) > 0) await desktop.dismiss();
    return (await desktop.displayed()) === 0;
  });
});

test(
  "after the runner was killed everybody is asked anew, and the old button presses nothing",
  everything,
  async () => {
    const call = readsSecrets();
    const before = await shown();
    const { runner } = await world.pids();
    process.kill(runner, "SIGKILL");
    const { question, message } = await until(async () => {
      const [found] = await waiting();
      const told = phone.messages("box").at(-1);
      return found && found.id !== before.question.id && told?.sequence_id === found.id
        ? { question: found, message: told }
        : null;
    });
    assert.equal(question.run, before.question.run);
    await phone.press(before.message, "Allow once");
    await until(async () => (await recorded(before.question)).includes("approval.refused not_found ntfy"));
    assert.deepEqual(
      (await waiting()).map(({ id }) => id),
      [question.id],
    );
    await phone.press(message, "Deny");
    assert.equal((await call).data.code, "approval_denied");
  },
);

test("the owner tries the channels, and an agent's message arrives as its words", everything, async () => {
  assert.deepEqual(await jsonOf(commandOf(world), "notify", "list"), {
    channels: [
      { name: "desktop", unavailable: null },
      { name: "ntfy", unavailable: null },
    ],
  });
  const { tried } = await jsonOf<{ tried: object[] }>(commandOf(world), "notify", "test");
  assert.deepEqual(tried, [
    { channel: "desktop", fault: null },
    { channel: "ntfy", fault: null },
  ]);
  const test = "This is a test. Questions of agents on this machine reach you here.";
  assert.equal(phone.messages("box").at(-1)?.message, test);
  await readOutcome(test);
  const text = "done <b>now</b>\nRisk: low";
  assert.deepEqual((await agent.call("send_notification", { text })).data, { channel: "desktop" });
  await readOutcome("│ done &#60;b&#62;now&#60;/b&#62;\n│ Risk: low");
  assert.match((await commandOf(world)(["doctor"])).stdout, /questions reach you by desktop and ntfy/);
});

test("an agent reaches neither the desktop's bus nor the phone's token, however it asks", everything, async () => {
  const socket = (desktop.environment.DBUS_SESSION_BUS_ADDRESS ?? "").replace("unix:path=", "");
  await using open = await startWorld({
    settings: { ...settings, PADDOCK_PROFILE: "open", PADDOCK_WORKSPACE: dirname(socket) },
  });
  const inside = await rest(open);
  const places = { bus: socket, token: settings.PADDOCK_NTFY_TOKEN_FILE };
  for (const [what, path] of Object.entries(places)) {
    const { data } = await inside.call("run_command", { command: `stat -c %F ${path}; cat ${path}` });
    assert.deepEqual([what, data.stdout.replace("character special file\n", "")], [what, ""]);
    const read = await inside.call("read_text_file", { path });
    assert.equal(read.ok, false, what);
    const paths = [{ path, write: true }];
    const asked = await inside.call("run_command", { command: "true", needs: { paths, reason: "to answer myself" } });
    assert.match(asked.data.code, /denied|path_outside_roots/, what);
  }
});

test(
  "the phone is asked only when the desktop cannot, a no is final, and nobody to ask is a refusal",
  everything,
  async () => {
    const topic = "ordered";
    const more = { PADDOCK_NTFY_TOPIC: topic, PADDOCK_APPROVAL_CHANNELS: "desktop,ntfy" };
    await using ordered = await startWorld({ settings: { ...settings, ...more } });
    writeFileSync(join(ordered.workspace, ".env"), "KEY=1\n");
    const inside = await rest(ordered);
    const reads = () => inside.call("read_text_file", { path: ".env" });

    const first = reads();
    await displayed(1);
    await desktop.dismiss();
    assert.equal((await first).data.code, "approval_denied");
    assert.deepEqual(phone.messages(topic), []);

    await desktop.stop();
    const second = reads();
    const message = await until(() => phone.messages(topic).at(-1));
    phone.lie = (response) => response.destroy();
    const third = inside.call("read_text_file", { path: ".env", offset: 1 });
    assert.equal((await third).data.code, "approval_unavailable");
    phone.lie = null;
    await phone.press(message, "Allow once");
    assert.equal((await second).data.content, "KEY=1\n");
    await desktop.start();
  },
);

test("when Paddock is stopped, the buttons of what waited go away", everything, async () => {
  const topic = "stopped";
  const stopped = await startWorld({ settings: { ...settings, PADDOCK_NTFY_TOPIC: topic } });
  writeFileSync(join(stopped.workspace, ".env"), "KEY=1\n");
  const call = (await rest(stopped)).call("read_text_file", { path: ".env" }).catch(() => null);
  await until(() => phone.messages(topic).length > 0);
  await displayed(1);
  await stopped[Symbol.asyncDispose]();
  await call;
  assert.equal(phone.messages(topic).at(-1)?.message, "The call was ended");
  await readOutcome("The call was ended");
});

/** `paddock approve --watch` in a terminal of its own. */
function watcher() {
  const child = spawn(process.execPath, [paddockCommand, "approve", "--watch", "--json"], { env: world.environment });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  return {
    said: () => said,
    async end() {
      const ended = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGINT");
      await ended;
    },
  };
}
