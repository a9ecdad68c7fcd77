import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApprovalAnswer } from "@paddock/contract";
import type { Rule } from "@paddock/policy";
import { builtinRules } from "@paddock/policy";
import { makeEgress, type TestEgress, testCaller } from "./egress.fixture.ts";

/** Nothing is known of these names, so that an allowed contact ends with the look-up. */
const connect = (at: TestEgress, name: string, caller = testCaller) =>
  at.say(`CONNECT ${name}:443 HTTP/1.1\r\n\r\n`, caller).then((answer) => answer.split("\r\n")[0]);

async function question(at: TestEgress, count = 1) {
  while (at.questions.list().length < count) await new Promise((resolve) => setTimeout(resolve, 5));
  return at.questions.list();
}

const answer = (at: TestEgress, id: string | undefined, given: ApprovalAnswer) =>
  at.questions.answer({ id: id ?? "", answer: given, channel: "cli", by: "owner", assurance: "local" });

const [allowed, denied] = ["HTTP/1.1 503 unavailable", "HTTP/1.1 403 approval_denied"];

test("the first contact with a host asks once for all who wait, and nothing is looked up before", async () => {
  await using at = await makeEgress();
  const waiting = [1, 2, 3].map(() => connect(at, "new.test"));
  const [asked] = await question(at);
  const about = asked?.lines.find(({ label }) => label === "input");
  assert.deepEqual([about?.from, JSON.parse(about?.text ?? "")], ["agent", { host: "new.test", port: 443 }]);
  assert.deepEqual([at.lookedUp, at.questions.list().length], [[], 1]);
  await answer(at, asked?.id, { type: "allow_once" });
  assert.deepEqual(await Promise.all(waiting), [allowed, allowed, allowed]);
  assert.equal(await connect(at, "new.test"), allowed);
});

test("a no holds for that host and that trust domain, and nobody is asked again", async () => {
  await using at = await makeEgress();
  const waiting = connect(at, "new.test");
  await answer(at, (await question(at))[0]?.id, { type: "deny" });
  assert.deepEqual([await waiting, await connect(at, "NEW.test.")], [denied, denied]);
  const other = connect(at, "new.test", { ...testCaller, domain: "other" });
  await answer(at, (await question(at))[0]?.id, { type: "allow_once" });
  assert.equal(await other, allowed);
  assert.deepEqual(
    at.records().flatMap(({ event, detail }) => (event === "approval.answered" ? [detail?.answer] : [])),
    ["denied", "allowed"],
  );
});

test("a program that contacts host after host is not asked about without end", async () => {
  await using at = await makeEgress();
  const waiting = Array.from({ length: 5 }, (_, number) => connect(at, `host-${number}.test`));
  await question(at, 5);
  assert.equal(await connect(at, "one-more.test"), "HTTP/1.1 429 too_many");
  for (const { id } of at.questions.list()) await answer(at, id, { type: "deny" });
  assert.deepEqual(await Promise.all(waiting), [denied, denied, denied, denied, denied]);
});

test("an answer for some minutes or for good holds for that host, and is not asked again", async () => {
  await using at = await makeEgress();
  const minutes = connect(at, "for-minutes.test");
  await answer(at, (await question(at))[0]?.id, { type: "allow_minutes", minutes: 5 });
  const always = connect(at, "always.test");
  await answer(at, (await question(at))[0]?.id, { type: "allow_always" });
  assert.deepEqual([await minutes, await always], [allowed, allowed]);
  const elsewhere = { ...testCaller, domain: "another cage of the same caller" };
  assert.equal(await connect(at, "for-minutes.test", elsewhere), allowed);
  assert.deepEqual(at.list.hosts, [{ host: "always.test", port: 443, internal: false, source: "owner" }]);
});

test("a command loses no time while the owner is asked about its host", async () => {
  await using at = await makeEgress();
  const waiting = connect(at, "new.test");
  const [asked] = await question(at);
  const over = Promise.withResolvers<string>();
  at.egress.pauses.timerFor(testCaller.domain)(1, () => over.resolve("in time"));
  const early = new Promise((resolve) => setTimeout(resolve, 100, "nothing"));
  assert.equal(await Promise.race([over.promise, early]), "nothing");
  await answer(at, asked?.id, { type: "deny" });
  assert.deepEqual([await waiting, await over.promise], [denied, "in time"]);
});

test("a question ends with the cage that caused it", async () => {
  await using at = await makeEgress();
  const waiting = connect(at, "new.test");
  await question(at);
  await at.endCages();
  await waiting;
  while (at.questions.list().length > 0) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("the owner's rules come before list, mode and questions", async () => {
  const deny: Rule = { id: "no-net", verdict: "deny", when: { network: ["new.test"] }, reason: "Not from here." };
  const ask: Rule = { id: "careful", verdict: "ask", when: { network: ["old.test"] }, reason: "Only with me." };
  const allow: Rule = { id: "fine", verdict: "allow", when: { network: ["fine.test"] }, reason: "Always." };
  await using at = await makeEgress({
    mode: "open",
    allow: ["new.test", "old.test"],
    rules: [...builtinRules, deny, ask, allow],
  });
  assert.equal(await connect(at, "new.test"), "HTTP/1.1 403 denied");
  const waiting = connect(at, "old.test");
  await answer(at, (await question(at))[0]?.id, { type: "deny" });
  assert.deepEqual([await waiting, await connect(at, "fine.test")], [denied, allowed]);
  assert.deepEqual(at.questions.list(), []);
});
