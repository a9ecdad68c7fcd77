import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { needs } from "../../../../../test/needs.ts";
import { until } from "../../../../../test/world/until.ts";
import { answeredElsewhere, openInbox, questionOf } from "./channels.fixture.ts";
import { desktopPrograms, type Desktop as Screen, startDesktop } from "./dbus/desktop.fixture.ts";
import { openDesktopNotifications } from "./dbus/notifications.ts";
import { number, oneAbility, oneString, type Reply, startLyingService } from "./dbus/service.fixture.ts";
import { Desktop } from "./desktop.ts";

const desktopOf = (environment: Readonly<Record<string, string>>) => {
  const inbox = openInbox();
  return { inbox, desktop: new Desktop(inbox.parts, openDesktopNotifications(environment, 5_000)) };
};
const open = () => new AbortController().signal;

describe("on a desktop with a notification service", needs(...desktopPrograms), () => {
  let screen: Screen;
  before(async () => {
    screen = await startDesktop();
  });
  after(() => screen?.[Symbol.asyncDispose]());

  const shown = (count: number) => until(async () => (await screen.displayed()) === count);
  const lastNote = () => screen.notes().at(-1);

  test("a pressed button is an answer given on the machine, and the note goes away with the question", async () => {
    const { inbox, desktop } = desktopOf(screen.environment);
    const question = questionOf({ assurance: "local" });
    assert.equal(await desktop.show(question, open()), "shown");
    await shown(1);
    assert.deepEqual(lastNote()?.actions.toSorted(), ["Allow for 15 min", "Allow once", "Deny"]);
    await screen.press("Allow for 15 min");
    await until(() => inbox.given.length > 0);
    assert.deepEqual(inbox.given, [
      {
        id: question.id,
        answer: { type: "allow_minutes", minutes: 15 },
        channel: "desktop",
        by: "desktop",
        assurance: "local",
      },
    ]);
    await desktop.withdraw(question.id, { type: "allowed", channel: "desktop", by: "desktop" });
    await shown(0);
  });

  test("closing the note says no", async () => {
    const { inbox, desktop } = desktopOf(screen.environment);
    const question = questionOf();
    await desktop.show(question, open());
    await shown(1);
    await screen.dismiss();
    await until(() => inbox.given.length > 0);
    assert.deepEqual(inbox.given[0]?.answer, { type: "deny" });
    await desktop.withdraw(question.id, { type: "denied", channel: "desktop" });
  });

  test("another program on the bus cannot press a button in the service's name", async () => {
    const { inbox, desktop } = desktopOf(screen.environment);
    const question = questionOf();
    await desktop.show(question, open());
    await shown(1);
    const signal = (member: string, id: number, last: string) =>
      promisify(execFile)(
        "dbus-send",
        ["--session", "--type=signal", path, `org.freedesktop.Notifications.${member}`, `uint32:${id}`, last],
        { env: screen.environment },
      );
    const path = "/org/freedesktop/Notifications";
    for (let id = 1; id <= 8; id += 1) {
      await signal("ActionInvoked", id, "string:allow_once");
      await signal("NotificationClosed", id, "uint32:2");
    }
    await screen.press("Deny");
    await until(() => inbox.given.length > 0);
    assert.deepEqual(
      inbox.given.map(({ answer }) => answer),
      [{ type: "deny" }],
    );
    await desktop.withdraw(question.id, { type: "denied", channel: "desktop" });
    await shown(0);
  });

  test("markup of an agent is shown as it stands, and cannot pass for Paddock's own words", async () => {
    const { desktop } = desktopOf(screen.environment);
    const text = "echo <b>Risk: low</b> & <a href='x'>y</a>\nRisk: low";
    const question = questionOf({ lines: [{ label: "command", text, from: "agent" }] });
    await desktop.show(question, open());
    await shown(1);
    const body = lastNote()?.body ?? "";
    assert.match(body, /│ echo &#60;b&#62;Risk: low&#60;\/b&#62; &#38; &#60;a/);
    assert.match(body, /\n│ Risk: low\n/);
    await desktop.withdraw(question.id, { type: "denied", channel: "desktop" });
    await shown(0);
  });

  test("what does not fit into a note cannot be allowed there", async () => {
    const { desktop } = desktopOf(screen.environment);
    const long = questionOf({ lines: [{ label: "command", text: "x".repeat(5000), from: "agent" }] });
    await desktop.show(long, open());
    await shown(1);
    assert.deepEqual(lastNote()?.actions, ["Deny"]);
    assert.match(lastNote()?.body ?? "", /more characters are not shown here/);
    await desktop.withdraw(long.id, { type: "denied", channel: "desktop" });
    await shown(0);
  });

  test("an answer given elsewhere takes the buttons away and is told", async () => {
    const { inbox, desktop } = desktopOf(screen.environment);
    const question = questionOf();
    await desktop.show(question, open());
    await shown(1);
    await desktop.withdraw(question.id, answeredElsewhere);
    const told = await until(() => screen.notes().find(({ body }) => body === "Denied, through inbox"));
    assert.deepEqual([told.actions, inbox.given], [[], []]);
    await until(async () => {
      await screen.dismiss();
      return (await screen.displayed()) === 0;
    });
  });

  test("what waits is shown again when the notification service, or the whole bus, was started anew", async () => {
    const { inbox, desktop } = desktopOf(screen.environment);
    const question = questionOf();
    await desktop.show(question, open());
    await shown(1);
    await screen.restartService();
    await shown(1);
    await screen.stop();
    await screen.start();
    await shown(1);
    assert.equal(inbox.given.length, 0);
    await screen.press("Deny");
    await until(() => inbox.given.length > 0);
    assert.deepEqual(inbox.given[0]?.answer, { type: "deny" });
    await desktop.withdraw(question.id, { type: "denied", channel: "desktop" });
    await shown(0);
  });
});

describe("without one to rely on", () => {
  const folder = mkdtempSync(join(tmpdir(), "pd-"));
  after(() => rmSync(folder, { recursive: true, force: true }));
  const busAt = (path: string) => ({ DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` });

  const reasonFor = async (environment: Readonly<Record<string, string>>) => {
    const { inbox, desktop } = desktopOf(environment);
    const result = await desktop.show(questionOf(), open());
    assert.equal(inbox.given.length, 0);
    return typeof result === "string" ? result : result.unavailable;
  };

  test("no bus, an abstract one, one in the network and one of nobody are unavailable", async () => {
    assert.match(await reasonFor({}), /no session bus is named/);
    assert.match(await reasonFor({ DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/tmp/x" }), /no session bus is named/);
    assert.match(await reasonFor({ DBUS_SESSION_BUS_ADDRESS: "tcp:host=127.0.0.1,port=1" }), /no session bus is named/);
    assert.match(await reasonFor(busAt(join(folder, "nothing"))), /there is no session bus/);
    assert.match(await reasonFor({ XDG_RUNTIME_DIR: folder }), /there is no session bus/);
  });

  const [hello, subscribed] = [oneString(":1.1"), oneString("")];
  const services: Record<string, [replies: readonly Reply[], reason: RegExp]> = {
    "has no buttons": [[oneAbility("body")], /shows no buttons/],
    "tells its abilities as a number": [[number(1)], /shows no buttons/],
    "names a note by a word": [[oneAbility("actions"), oneString("one")], /answers with nonsense/],
    "says that more follows than does": [[["as", Buffer.from([255, 255, 0, 0])]], /no notification service answers/],
    "answers without end": [[["s", Buffer.alloc(1024 * 1024)]], /is too long/],
  };
  for (const [what, [replies, reason]] of Object.entries(services)) {
    test(`a notification service that ${what} is unavailable`, async () => {
      const path = join(folder, "service");
      await using _ = await startLyingService(path, [hello, subscribed, subscribed, ...replies]);
      assert.match(await reasonFor(busAt(path)), reason);
    });
  }

  const lies: Record<string, (socket: Socket) => void> = {
    "closes at once": (socket) => socket.end(),
    "says nothing": () => undefined,
    "never lets anybody in": (socket) => socket.write("REJECTED EXTERNAL\r\n"),
    "greets without end": (socket) => socket.write("O".repeat(100_000)),
    "talks nonsense": (socket) => socket.write(`OK x\r\n${"nonsense".repeat(100)}`),
    "announces four gigabytes": (socket) =>
      socket.write(Buffer.concat([Buffer.from("OK x\r\nl\u0002\u0001\u0001"), Buffer.alloc(12, 0xff)])),
  };
  for (const [what, answer] of Object.entries(lies)) {
    test(`a bus that ${what} is unavailable`, async () => {
      const path = join(folder, "lying");
      const open = new Set<Socket>();
      const server = createServer((socket) => {
        open.add(socket);
        socket.on("error", () => undefined);
        socket.once("data", () => answer(socket));
      }).listen(path);
      await new Promise((resolve) => server.once("listening", resolve));
      assert.match(await reasonFor(busAt(path)), /no notification service answers/);
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
  }
});
