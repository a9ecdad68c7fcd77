import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { newId, ownMachine, type ShownQuestion } from "@paddock/contract";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { openInbox, type QuestionEvents } from "./inbox.ts";

const question: ShownQuestion = {
  id: newId("apr"),
  run: newId("run"),
  machine: "here",
  assurance: "hub",
  risk: "low",
  lines: [{ label: "command", text: "make", from: "agent" }],
  offers: ["allow_once", "deny"],
  binding: "0".repeat(64),
  askedAt: 1,
  expiresAt: 2,
};
const allow = { answer: { type: "allow_once" } };

async function listed(hub: TestHub, count: number): Promise<ShownQuestion[]> {
  for (;;) {
    const { questions } = (await hub.control("GET", "/approvals")).json;
    if (questions.length === count) return questions;
    await wait(5);
  }
}

test("a question is listed as the runner told it, and its answer is carried with the name of who gave it", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial();
  runner.send({ type: "question", question });
  assert.deepEqual(await listed(hub, 1), [question]);
  const answering = hub.control("POST", `/approvals/${question.id}`, allow);
  const { exchange, ...carried } = await runner.next("answer");
  assert.deepEqual(carried, { type: "answer", id: question.id, ...allow, by: "owner" });
  runner.send({ type: "question_over", id: question.id, outcome: { type: "allowed", by: "owner", channel: "hub" } });
  runner.send({ type: "answer_taken", exchange });
  assert.deepEqual((await answering).json, question);
  await listed(hub, 0);
  const [record] = hub.audit(1);
  const detail = { approval: question.id, given: allow.answer, by: "owner", signed: null };
  assert.deepEqual([record?.event, record?.run, record?.detail], ["approval.answered", question.run, detail]);
});

test("what the runner refuses is refused with its code, and a runner that goes takes its questions along", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial();
  runner.send({ type: "question", question });
  await listed(hub, 1);
  const refused = hub.control("POST", `/approvals/${question.id}`, allow);
  const { exchange } = await runner.next("answer");
  runner.send({ type: "answer_refused", exchange, code: "answer_too_weak", message: "This wants more." });
  assert.deepEqual([(await refused).status, (await refused).json.error.code], [403, "answer_too_weak"]);
  const unanswered = hub.control("POST", `/approvals/${question.id}`, allow);
  while (runner.heard.filter(({ type }) => type === "answer").length < 2) await wait(5);
  await runner.close();
  assert.deepEqual([(await unanswered).status, (await unanswered).json.error.code], [503, "unavailable"]);
  await listed(hub, 0);
  assert.equal((await hub.control("POST", `/approvals/${question.id}`, allow)).json.error.code, "not_found");
});

test("no bearer token sees or answers a question, on any surface", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial();
  runner.send({ type: "question", question });
  await listed(hub, 1);
  const token = await hub.token({ toolset: "full" });
  const body = JSON.stringify(allow);
  const answers = [];
  for (const prefix of ["", "/api", "/api/v1", "/mcp"]) {
    answers.push(await hub.http("GET", `${prefix}/approvals`, { token }));
    answers.push(await hub.http("POST", `${prefix}/approvals/${question.id}`, { token, body }));
  }
  for (const tool of ["approve", "answer_approval", "approvals"]) answers.push(await hub.call(token, tool, allow));
  assert.deepEqual(
    answers.filter(({ status }) => status < 400),
    [],
  );
  assert.equal(
    runner.heard.some(({ type }) => type === "answer"),
    false,
  );
});

test("an answer that is none is refused before anybody is told", async () => {
  await using hub = await startTestHub();
  const runner = await hub.dial();
  runner.send({ type: "question", question });
  await listed(hub, 1);
  const bad = [
    {},
    { answer: "allow_once" },
    { answer: { type: "allow_minutes", minutes: 1e9 } },
    { answer: { type: "allow_once" }, assurance: "local" },
    { answer: { type: "allow_once" }, signature: { publicKey: "x", signature: "y" } },
  ];
  for (const body of bad) {
    assert.equal((await hub.control("POST", `/approvals/${question.id}`, body)).json.error.code, "invalid_input");
  }
  assert.equal(
    runner.heard.some(({ type }) => type === "answer"),
    false,
  );
});

test("how long a question waits is what its machine says, whatever the clock of that machine", async () => {
  const listeners: QuestionEvents[] = [];
  const machines = { find: () => null, listenToQuestions: (events: QuestionEvents) => void listeners.push(events) };
  const inbox = openInbox(machines, { writeDurably() {} });
  const hour = 3_600_000;
  for (const ahead of [-5 * hour, 5 * hour]) {
    const skewed = { ...question, id: newId("apr"), expiresAt: Date.now() + ahead + 60_000 };
    listeners[0]?.hear(ownMachine, { type: "question", question: skewed, leftMs: 60_000 });
    const left = inbox.leftMs(skewed);
    assert.ok(left > 0 && left <= 60_000, `${left} ms`);
  }
});
