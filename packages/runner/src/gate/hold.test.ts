import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { answer, call, envelopeOf, observer, world } from "./gate.fixture.ts";

const held = (change: Parameters<typeof call>[0] = {}) => call({ hold: true, ...change });

/** A world that counts what ran. */
function counting(options: Parameters<typeof world>[0] = {}) {
  const ran: string[] = [];
  const at = world({
    ...options,
    run: async ({ run }) => {
      ran.push(run);
      return { done: true };
    },
  });
  return { at, ran };
}

test("a held call is admitted, runs after the word and not before, and once", async () => {
  const { at, ran } = counting();
  using _ = at;
  const told = observer();
  const asked = held();
  at.gate.take(asked, "hub", told);
  await told.admitted;
  assert.deepEqual([told.states, ran, at.ledger.find(asked.run)?.state], [["accepted"], [], "accepted"]);
  at.gate.go(asked.run);
  at.gate.go(asked.run);
  const { state, result } = await told.answer;
  assert.deepEqual(
    [state, envelopeOf(result).data, told.states],
    ["completed", { done: true }, ["accepted", "running"]],
  );
  at.gate.go(asked.run);
  assert.deepEqual(ran, [asked.run]);
});

test("what the policy denies is refused at once, without a word", async () => {
  const { at, ran } = counting({
    rules: [{ id: "no", verdict: "deny", when: { tools: ["run_command"] }, reason: "Not here." }],
  });
  using _ = at;
  const told = observer();
  at.gate.take(held(), "hub", told);
  assert.deepEqual([(await told.answer).state, ran], ["refused", []]);
});

test("the owner is asked before, and not again at the word", async () => {
  const { at, ran } = counting({ network: true });
  using _ = at;
  const told = observer();
  const asked = held();
  at.gate.take(asked, "hub", told);
  const { id, lines } = await told.question;
  assert.deepEqual(
    lines.filter(({ label }) => label === "batch").map(({ phrase, from }) => [phrase, from]),
    [["part_of_batch", "paddock"]],
    "the owner is told that others stand and fall with it",
  );
  at.gate.go(asked.run);
  assert.deepEqual(ran, []);
  await answer(at.questions, id, { type: "allow_once" });
  assert.equal((await told.answer).state, "completed");
  assert.deepEqual(ran, [asked.run]);
  assert.equal(at.audit().filter(({ event }) => event === "approval.asked").length, 1);
});

test("a no, an end and a deadline each end a held call that has not run", async () => {
  const { at, ran } = counting({ network: true });
  using _ = at;
  const [denied, ended, late] = [observer(), observer(), observer()];
  const [first, second, third] = [held(), held(), held({ deadline: Date.now() + 1_000 })];
  at.gate.take(first, "hub", denied);
  await answer(at.questions, (await denied.question).id, { type: "deny" });
  at.gate.take(second, "hub", ended);
  await answer(at.questions, (await ended.question).id, { type: "allow_once" });
  await ended.admitted;
  at.gate.cancel(second.run);
  at.gate.take(third, "hub", late);
  await answer(at.questions, (await late.question).id, { type: "allow_once" });
  const codes = await Promise.all(
    [denied, ended, late].map(async (told) => envelopeOf((await told.answer).result).data.code),
  );
  assert.deepEqual([codes, ran], [["approval_denied", "cancelled", "timeout"], []]);
});

test("what is not what was approved any more does not run at the word", async () => {
  const { at, ran } = counting({
    rules: [ask],
    wants: ({ workspace }) => ({ command: `sh ${join(workspace, "s.sh")}` }),
  });
  using _ = at;
  writeFileSync(join(at.work, "s.sh"), "echo one\n");
  const told = observer();
  const asked = held();
  at.gate.take(asked, "hub", told);
  await answer(at.questions, (await told.question).id, { type: "allow_once" });
  await told.admitted;
  writeFileSync(join(at.work, "s.sh"), "echo two\n");
  at.gate.go(asked.run);
  assert.equal(envelopeOf((await told.answer).result).data.code, "approval_stale");
  assert.deepEqual(ran, []);
});

const ask = { id: "ask", verdict: "ask", when: { tools: ["run_command"] }, reason: "Ask." } as const;

test("a rule that came while it was held counts at the word", async () => {
  const { at, ran } = counting();
  using _ = at;
  const told = observer();
  const asked = held();
  at.gate.take(asked, "hub", told);
  await told.admitted;
  at.owners.addRule({ id: "no-more", verdict: "deny", tools: ["run_command"], reason: "Not any more." });
  at.gate.go(asked.run);
  assert.deepEqual([(await told.answer).state, ran], ["refused", []]);
});

test("a runner that was killed holds it again, and what had the word runs", async () => {
  const { at, ran } = counting();
  using _ = at;
  const { principal, deadline } = held();
  const base = {
    tool: "run_command",
    principal,
    workspace: at.work,
    input: { command: "make" },
    deadline,
    via: "hub",
  } as const;
  const [waiting, released] = [held().run, held().run];
  for (const run of [waiting, released]) {
    at.ledger.begin({ ...base, run, state: "accepted", hold: true }, Date.now(), "now");
  }
  at.ledger.release(released);
  at.gate.recover();
  const [first, second] = [observer(), observer()];
  at.gate.query(waiting, principal.id, first);
  at.gate.query(released, principal.id, second);
  await second.answer;
  await first.admitted;
  assert.deepEqual(ran, [released]);
  const again = observer();
  at.gate.query(waiting, principal.id, again);
  await again.admitted;
  at.gate.go(waiting);
  await first.answer;
  assert.deepEqual(ran, [released, waiting]);
});
