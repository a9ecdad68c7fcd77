/** A service that holds the key of an enrolled device: the same questions, checked by the real list of devices. */
import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ApprovalAnswer, newId, type ShownQuestion, signedText } from "@paddock/contract";
import { until } from "../../../../../../test/world/until.ts";
import type { GivenAnswer } from "../../channel.ts";
import { openDevices } from "../../devices.ts";
import { openQuestions, type Questions } from "../../questions.ts";
import { openInbox, questionOf } from "../channels.fixture.ts";
import { answerTo, type Bot, startBot } from "./bot.fixture.ts";
import { Webhook } from "./webhook.ts";

const folder = mkdtempSync(join(tmpdir(), "pw-"));
after(() => rmSync(folder, { recursive: true }));
const key = generateKeyPairSync("ed25519");
const publicKey = key.publicKey.export({ format: "jwk" }).x ?? "";
const devices = openDevices(join(folder, "devices.json"));
devices.enrol("bot", publicKey, () => undefined);

const allow: ApprovalAnswer = { type: "allow_once" };
const signedWith = (privateKey: KeyObject, question: ShownQuestion, answer: ApprovalAnswer) => ({
  ...answerTo(question, allow),
  signature: {
    publicKey,
    signature: sign(null, Buffer.from(signedText(question, answer)), privateKey).toString("base64url"),
  },
});

/** Questions that go over the webhook alone; each answer that changed nothing is kept by its code. */
function openRig(bot: Bot) {
  const refused: string[] = [];
  const { parts } = openInbox();
  const answer = (given: GivenAnswer): Promise<unknown> => questions.answer(given);
  const webhook = new Webhook({ ...parts, answer, url: new URL(bot.url), secret: bot.secret });
  const questions: Questions = openQuestions({
    channels: [webhook],
    deviceThatSigned: devices.thatSigned,
    refused: (_, code) => refused.push(code),
    log: parts.log,
  });
  const ask = () =>
    questions.ask({
      principal: "tok_1",
      question: questionOf({ assurance: "device", run: newId("run") }),
      expiresInMs: 60_000,
      signal: new AbortController().signal,
      asked: () => undefined,
      answered: () => undefined,
    });
  return { ask, refused, questions };
}

test("the device's signature over question and answer allows what the service's own word does not", async () => {
  await using bot = await startBot();
  const { ask, refused, questions } = openRig(bot);
  const settled = ask();
  const [question] = questions.list();
  assert.ok(question);
  const other = generateKeyPairSync("ed25519").privateKey;
  const answers = [
    answerTo(question, allow),
    signedWith(other, question, allow),
    signedWith(key.privateKey, question, { type: "deny" }),
    signedWith(key.privateKey, { ...question, risk: "low" }, allow),
    signedWith(key.privateKey, question, allow),
  ];
  bot.answer = () => answers.shift() ?? null;
  const { type, channel, assurance, by } = await settled;
  const [device] = devices.list();
  assert.deepEqual([type, channel, assurance, by], ["allowed", "webhook", "device", `bot (${device?.id})`]);
  assert.deepEqual(refused, ["answer_too_weak", "wrong_signature", "wrong_signature", "wrong_signature"]);
  await until(() => bot.received.some(({ type: kind }) => kind === "over"));
});
