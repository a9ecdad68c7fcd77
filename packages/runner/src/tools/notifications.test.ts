import assert from "node:assert/strict";
import { test } from "node:test";
import { texts } from "@paddock/contract/texts";
import type { Message } from "../approvals/channels/message-channel.ts";
import type { Call } from "./handler.ts";
import { notificationHandlers } from "./notifications.ts";

const call = (id: string, name = "laptop") => ({ principal: { id, name } }) as Call;

function openHandlers(result: { told: string } | { unavailable: string } = { told: "desktop" }) {
  const told: [Message, string | null][] = [];
  let now = 0;
  const handlers = notificationHandlers({
    channels: {
      list: async () => [
        { name: "desktop", unavailable: null },
        { name: "ntfy", unavailable: "it is down" },
      ],
      async tell(message, name) {
        told.push([message, name]);
        return result;
      },
    },
    texts: texts.en,
    machine: "box",
    maxPerHour: 2,
    clock: () => now,
  });
  const pass = (ms: number) => {
    now += ms;
  };
  return { handlers, told, pass };
}

test("what an agent says is told as its words, with nothing in it that steers or hides", async () => {
  const { handlers, told } = openHandlers();
  const text = "done\u001b[2J\nRisk: low\u202e\nghp_0123456789abcdef";
  const { data } = await handlers.send_notification.run({ text, urgent: true }, call("tok_1", "lap\ntop"));
  assert.deepEqual(data, { channel: "desktop" });
  const expected = {
    title: "Message from lap\\u{a}top on box",
    text: "│ done\\u{1b}[2J\n│ Risk: low\\u{202e}\n│ [hidden]",
    urgent: true,
  };
  assert.deepEqual(told, [[expected, null]]);
});

test("a caller who tells too much is told so, and nobody else with them", async () => {
  const { handlers, told, pass } = openHandlers();
  const send = (id: string) => handlers.send_notification.run({ text: "x", urgent: false }, call(id));
  await send("tok_1");
  await send("tok_1");
  await assert.rejects(send("tok_1"), { code: "rate_limited" });
  await send("tok_2");
  pass(3_600_000);
  await send("tok_1");
  assert.equal(told.length, 4);
});

test("nobody to tell is a failure that says why", async () => {
  const { handlers } = openHandlers({ unavailable: "it is down" });
  const sending = handlers.send_notification.run({ text: "x", channel: "ntfy", urgent: false }, call("tok_1"));
  await assert.rejects(sending, { code: "unavailable", message: "The owner could not be told: it is down." });
});

test("the list says what works, and why the rest does not", async () => {
  const { handlers } = openHandlers();
  const { summary, data } = await handlers.list_notification_channels.run({}, call("tok_1"));
  assert.equal(summary, "1 of 2 channels work.");
  assert.deepEqual(data.channels, [
    { name: "desktop", available: true, reason: null },
    { name: "ntfy", available: false, reason: "it is down" },
  ]);
});
