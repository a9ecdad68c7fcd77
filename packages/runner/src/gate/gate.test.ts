import assert from "node:assert/strict";
import { copyFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { builtinRules, type Rule } from "@paddock/policy";
import type { Call } from "../tools/handler.ts";
import { answer, call, envelopeOf, observer, owner, world } from "./gate.fixture.ts";

test("a call is decided, run and recorded, and its caller gets the envelope", async () => {
  using at = world();
  const told = observer();
  const asked = call();
  at.gate.take(asked, "hub", told);
  const { state, result } = await told.answer;
  assert.equal(state, "completed");
  assert.deepEqual(envelopeOf(result), { ok: true, tool: "run_command", summary: "done", data: { done: true } });
  assert.deepEqual(
    at.audit().map(({ event, run, verdict, state: ended }) => ({ event, run, verdict, ended })),
    [
      { event: "call.started", run: asked.run, verdict: "allow", ended: undefined },
      { event: "call.finished", run: asked.run, verdict: undefined, ended: "completed" },
    ],
  );
});

test("a run id sent three times, before and after its end, executes once", async () => {
  let executions = 0;
  const hold = Promise.withResolvers<void>();
  using at = world({
    run: async () => {
      executions += 1;
      await hold.promise;
      return executions;
    },
  });
  const asked = call();
  const [first, second, third] = [observer(), observer(), observer()];
  at.gate.take(asked, "hub", first);
  at.gate.take(asked, "hub", second);
  hold.resolve();
  await Promise.all([first.answer, second.answer]);
  at.gate.take(asked, "hub", third);
  assert.deepEqual(
    await third.answer,
    await first.answer.then(({ state }) => ({ state, result: at.ledger.find(asked.run)?.result })),
  );
  assert.equal(executions, 1);
});

test("a call that wants the network waits for the owner and runs when allowed", async () => {
  using at = world({ network: true });
  const told = observer();
  at.gate.take(call(), "hub", told);
  const { id, lines, assurance } = await told.question;
  const because = lines.filter(({ label }) => label === "rule").map(({ text }) => text);
  assert.deepEqual([because, assurance], [["The call wants to reach the network."], "device"]);
  await answer(at.questions, id, { type: "allow_once" });
  assert.equal((await told.answer).state, "completed");
  assert.deepEqual(told.states, ["waiting_approval", "waiting_approval", "running"]);
  assert.deepEqual(
    at.audit().map(({ event }) => event),
    ["approval.asked", "approval.answered", "call.started", "call.finished"],
  );
});

test("a denied question ends the run without executing it, and a second answer is refused", async () => {
  let executed = false;
  using at = world({
    network: true,
    run: async () => {
      executed = true;
    },
  });
  const told = observer();
  at.gate.take(call(), "hub", told);
  const { id } = await told.question;
  await answer(at.questions, id, { type: "deny" });
  const { state, result } = await told.answer;
  assert.deepEqual([state, envelopeOf(result).data.code, executed], ["refused", "approval_denied", false]);
  await assert.rejects(answer(at.questions, id, { type: "allow_once" }), { code: "approval_over" });
});

test("an answer for some minutes covers the very same request and no other", async () => {
  using at = world({ network: true });
  const first = observer();
  at.gate.take(call(), "hub", first);
  await answer(at.questions, (await first.question).id, { type: "allow_minutes", minutes: 5 });
  await first.answer;
  const same = observer();
  at.gate.take(call(), "hub", same);
  assert.equal((await same.answer).state, "completed");
  const other = observer();
  at.gate.take(call({ principal: { ...owner, id: "tok_2" } }), "hub", other);
  await answer(at.questions, (await other.question).id, { type: "deny" });
  assert.equal((await other.answer).state, "refused");
});

test("refusals name their code, run nothing and are in the audit log", async () => {
  const deny: Rule = { id: "no", verdict: "deny", when: { tools: ["run_command"] }, reason: "Not here." };
  const cases = [
    [{ tool: "no_such_tool" }, [], "unknown_tool"],
    [{ tool: "run_command", input: {} }, [], "invalid_input"],
    [{ principal: { ...owner, toolset: "readonly" as const } }, [], "readonly"],
    [{ workspace: "/somewhere/else" }, [], "path_outside_roots"],
    [{}, [deny], "denied"],
  ] as const;
  for (const [change, rules, code] of cases) {
    using at = world({ rules: [...builtinRules, ...rules], run: async () => assert.fail("it ran") });
    const told = observer();
    at.gate.take(call(change), "hub", told);
    const { state, result } = await told.answer;
    assert.deepEqual([state, envelopeOf(result).data.code], ["refused", code]);
    assert.deepEqual(
      at.audit().map(({ event, code: said }) => [event, said]),
      [["call.refused", code]],
    );
  }
});

test("one principal neither sees nor ends another's run", async () => {
  const hold = Promise.withResolvers<void>();
  using at = world({ run: () => hold.promise });
  const told = observer();
  const asked = call();
  at.gate.take(asked, "hub", told);
  const stranger = observer();
  assert.equal(at.gate.query(asked.run, "tok_2", stranger), false);
  at.gate.take({ ...asked, principal: { ...owner, id: "tok_2" } }, "hub", stranger);
  hold.resolve();
  await told.answer;
  assert.equal(at.gate.query(asked.run, "tok_2", stranger), false);
  assert.deepEqual(stranger.states, []);
});

test("a cancelled run ends as cancelled, one past its deadline as failed with a timeout", async () => {
  const wait = ({ signal }: Call) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  using at = world({ run: wait });
  const [cancelled, late] = [observer(), observer()];
  const asked = call();
  at.gate.take(asked, "hub", cancelled);
  at.gate.cancel(asked.run);
  assert.equal((await cancelled.answer).state, "cancelled");
  at.gate.take(call({ deadline: Date.now() }), "hub", late);
  assert.equal(envelopeOf((await late.answer).result).data.code, "timeout");
});

test("after a kill, what had started is unknown and what had waited is asked about again", async () => {
  using first = world({ network: true });
  const waiting = call();
  const before = observer();
  first.gate.take(waiting, "hub", before);
  await before.question;
  const started = call();
  first.ledger.begin({ ...started, workspace: "/w", via: "hub", state: "running" }, 1, "now");
  // What is in the files at this moment is what a kill leaves.
  const left = "left.sqlite3";
  for (const part of ["", "-wal"]) {
    copyFileSync(join(first.home, `ledger.sqlite3${part}`), join(first.home, `${left}${part}`));
  }
  using second = world({ network: true, folder: first.home, ledgerFile: left });
  second.gate.recover();
  assert.equal(second.ledger.find(started.run)?.state, "unknown");
  const told = observer();
  assert.equal(second.gate.query(waiting.run, owner.id, told), true);
  await answer(second.questions, (await told.question).id, { type: "allow_once" });
  assert.equal((await told.answer).state, "completed");
  await first.gate.close();
});

test("an unexpected fault reaches the caller as internal with the run as reference, never its words", async () => {
  using at = world({ run: () => Promise.reject(new Error("secret detail")) });
  const told = observer();
  const asked = call();
  at.gate.take(asked, "hub", told);
  const { result } = await told.answer;
  assert.deepEqual(envelopeOf(result).data.code, "internal");
  assert.equal(result?.envelope?.toString().includes("secret detail"), false);
});

test("a question that is one too many ends its call for good: a restart does not ask it", async () => {
  using at = world({ network: true });
  for (let count = 0; count < 20; count += 1) {
    const waiting = observer();
    at.gate.take(call(), "hub", waiting);
    await waiting.question;
  }
  const told = observer();
  const asked = call();
  at.gate.take(asked, "hub", told);
  const { state, result } = await told.answer;
  const open = at.ledger.open().map(({ run }) => run);
  assert.deepEqual(
    [state, envelopeOf(result).data.code, open.length, open.includes(asked.run)],
    ["failed", "too_many", 20, false],
  );
  await at.gate.close();
});

test("what cannot be recorded does not run, reading neither, and runs again once it can be", async () => {
  let ran = 0;
  using at = world({
    run: async () => {
      ran += 1;
    },
  });
  const folder = join(at.home, "log");
  const ask = async (tool: string, input: object) => {
    const told = observer();
    at.gate.take(call({ tool, input }), "hub", told);
    const { state, result } = await told.answer;
    return [state, state === "completed" ? null : envelopeOf(result).data.code];
  };
  const aside = `${folder}-aside`;
  renameSync(folder, aside);
  at.sealLog();
  assert.deepEqual(await ask("run_command", { command: "true" }), ["refused", "audit_unavailable"]);
  assert.deepEqual(await ask("read_text_file", { path: "a" }), ["refused", "audit_unavailable"]);
  assert.equal(ran, 0);
  renameSync(aside, folder);
  assert.deepEqual(await ask("run_command", { command: "true" }), ["completed", null]);
  assert.equal(ran, 1);
});
