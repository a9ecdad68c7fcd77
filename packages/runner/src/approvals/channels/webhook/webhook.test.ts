import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, beforeEach, test } from "node:test";
import type { ShownQuestion } from "@paddock/contract";
import { until } from "../../../../../../test/world/until.ts";
import { answeredElsewhere, type Inbox, openInbox, questionOf } from "../channels.fixture.ts";
import { answerTo, type Bot, startBot } from "./bot.fixture.ts";
import { signedHeaders } from "./signed.ts";
import { Webhook } from "./webhook.ts";

let bot: Bot;
let inbox: Inbox;
let webhook: Webhook;
let over: AbortController;

before(async () => {
  bot = await startBot();
});
after(() => bot?.[Symbol.asyncDispose]());
beforeEach(() => {
  inbox = openInbox();
  webhook = new Webhook({ ...inbox.parts, url: new URL(bot.url), secret: bot.secret });
  over = new AbortController();
  Object.assign(bot, { lie: null, answer: null });
  bot.received.length = 0;
});

test("the signature is the one of Standard Webhooks", () => {
  const key = Buffer.from("secret");
  const right = createHmac("sha256", key).update("msg_1.1700000000.{}").digest("base64");
  assert.equal(signedHeaders(key, "msg_1", 1_700_000_000, "{}")["webhook-signature"], `v1,${right}`);
});

test("a service answers a question, and is told how it ended", async () => {
  const question = questionOf();
  assert.equal(await webhook.show(question, over.signal), "shown");
  assert.deepEqual(bot.received[0], { type: "question", question });
  bot.answer = () => answerTo(question, { type: "allow_minutes", minutes: 30 });
  await until(() => inbox.given.length > 0);
  over.abort();
  assert.deepEqual(inbox.given, [
    {
      id: question.id,
      answer: { type: "allow_minutes", minutes: 30 },
      channel: "webhook",
      by: "webhook: ada",
      assurance: "hub",
    },
  ]);
  const outcome = { type: "allowed", channel: "webhook", by: "webhook: ada" } as const;
  await webhook.withdraw(question.id, outcome);
  assert.deepEqual(bot.received.at(-1), { type: "over", approval: question.id, outcome });
});

test("what wants an answer on the machine is told and cannot be allowed there", async () => {
  assert.equal(await webhook.show(questionOf({ assurance: "local" }), over.signal), "told");
  over.abort();
});

const right = (question: ShownQuestion) => answerTo(question, { type: "allow_once" });
const unsigned = (text: string) => ({ text, headers: { "content-type": "application/json" } });
const signedBy = (secret: string, text: string) => ({
  text,
  headers: signedHeaders(Buffer.from(secret), "a", 1, text),
});
const forged: Record<string, [code: string, answer: (question: ShownQuestion) => object]> = {
  unsigned: ["wrong_signature", (question) => unsigned(JSON.stringify(right(question)))],
  "signed with another secret": ["wrong_signature", (question) => signedBy("another", JSON.stringify(right(question)))],
  "to another question": ["approval_stale", () => right(questionOf())],
  "with another binding": ["approval_stale", (question) => ({ ...right(question), binding: "cd".repeat(32) })],
  "with something more in it": ["wrong_signature", (question) => ({ ...right(question), assurance: "local" })],
  "that is the question sent back": ["wrong_signature", (question) => ({ type: "question", question })],
  "by a name that steers a terminal": ["wrong_signature", (question) => ({ ...right(question), by: "a\u001b[2J" })],
};
for (const [what, [code, answer]] of Object.entries(forged)) {
  test(`an answer ${what} changes nothing, is on record, and its sender learns it`, async () => {
    const question = questionOf();
    bot.answer = (poll) => (poll.refused === undefined ? answer(question) : null);
    await webhook.show(question, over.signal);
    await until(() => bot.received.some(({ refused }) => refused === code));
    over.abort();
    assert.equal(inbox.given.length, 0);
    assert.deepEqual(inbox.refused[0]?.code, code);
    await webhook.withdraw(question.id, answeredElsewhere);
  });
}

const lies: Record<string, NonNullable<Bot["lie"]>> = {
  fails: (response) => response.writeHead(503).end(),
  "leads elsewhere": (response) => response.writeHead(307, { location: "http://127.0.0.1:1/" }).end(),
  "breaks off": (response) => response.destroy(),
  "says nothing": () => undefined,
  "answers without end": (response) => {
    response.writeHead(200);
    const more = () => void (response.writable && response.write("x".repeat(65_536), more));
    more();
  },
};
for (const [what, lie] of Object.entries(lies)) {
  test(`a service that ${what} is unavailable, and asked again when it is back`, async () => {
    bot.lie = lie;
    assert.match(JSON.stringify(await webhook.show(questionOf(), over.signal)), /the webhook cannot be reached/);
    bot.lie = null;
    assert.equal(await webhook.show(questionOf(), over.signal), "shown");
    over.abort();
  });
}

test("a service that is down while the question waits is asked again", async () => {
  const waiting = questionOf();
  await webhook.show(waiting, over.signal);
  let lost = 0;
  bot.lie = (response) => {
    lost += 1;
    response.destroy();
  };
  await until(() => lost > 1);
  bot.answer = () => answerTo(waiting, { type: "deny" });
  bot.lie = null;
  await until(() => inbox.given.length > 0);
  over.abort();
  assert.deepEqual(inbox.given[0]?.answer, { type: "deny" });
});
