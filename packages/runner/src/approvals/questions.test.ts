import assert from "node:assert/strict";
import { test } from "node:test";
import { newId, PaddockError } from "@paddock/contract";
import { builtinRules, decide, type Request, type Wants } from "@paddock/policy";
import { openQuestions, type Questions } from "./questions.ts";

const requestOf = (principal: string, wants: Wants): Request => ({
  tool: "run_command",
  effect: "executes",
  profile: "workspace",
  principal,
  surface: "mcp",
  workspace: "/work",
  wants: { noCage: true, ...wants },
});

function ask(questions: Questions, request: Request, asked = () => {}) {
  const { signal } = new AbortController();
  const expiresAt = Date.now() + 60_000;
  return questions.ask(
    { run: newId("run"), request, caller: "laptop", decision: decide(builtinRules, request), expiresAt, signal },
    asked,
  );
}

function answerAll(questions: Questions): void {
  for (const { id } of questions.list()) questions.answer(id, { type: "deny" });
}

test("a caller who asks without end does not keep the questions of others from the owner", async () => {
  const questions = openQuestions();
  const waiting = Array.from({ length: 20 }, () => ask(questions, requestOf("tok_1", { command: "make" })));
  assert.throws(() => ask(questions, requestOf("tok_1", { command: "make" })), { code: "too_many" });
  waiting.push(ask(questions, requestOf("tok_2", { command: "make" })));
  assert.equal(questions.list().length, 21);
  answerAll(questions);
  await Promise.all(waiting);
});

test("a question that cannot be recorded is not open", () => {
  const questions = openQuestions();
  const full = () => {
    throw new PaddockError("audit_unavailable", "The disk is full.");
  };
  assert.throws(() => ask(questions, requestOf("tok_1", {}), full), { code: "audit_unavailable" });
  assert.deepEqual(questions.list(), []);
});

test("an answer for some minutes covers the very same request and nothing that differs in anything", async () => {
  const questions = openQuestions();
  const asked = requestOf("tok_1", { command: "make", directory: "/work", reason: "to build" });
  const verdict = ask(questions, asked);
  const [question] = questions.list();
  questions.answer(question?.id ?? "", { type: "allow_minutes", minutes: 5 });
  assert.equal(await verdict, "allowed");
  const others: Request[] = [
    { ...asked, principal: "tok_2" },
    { ...asked, workspace: "/other" },
    ...[{ command: "make x" }, { directory: "/work/evil" }, { network: true }, { reason: "else" }].map((change) => ({
      ...asked,
      wants: { ...asked.wants, ...change },
    })),
  ];
  assert.deepEqual([asked, ...others].map(questions.covered), [true, ...others.map(() => false)]);
});
