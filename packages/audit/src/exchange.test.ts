import assert from "node:assert/strict";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { HeadWord } from "@paddock/contract";
import { openExchange } from "./exchange.ts";
import { type Place, place } from "./log.fixture.ts";
import { recordsOf } from "./records.ts";
import { faultName, headsReceived, verifyLog } from "./verify.ts";

const told = { error() {} };

/** One side of a link: its log, and the exchange over it. */
function side(at: Place) {
  const log = at.open();
  return { log, exchange: openExchange(log, told) };
}

function greet(from: ReturnType<typeof side>): HeadWord {
  const word = from.exchange.greeting();
  assert.ok(word);
  return word;
}

const refusals = (at: Place) =>
  [...recordsOf(at.folder)].filter(({ event }) => event === "head.refused").map(({ detail }) => detail?.reason);

/** The faults of one log when it is compared with what another has heard of it. */
const faultsBeside = (at: Place, other: Place) =>
  verifyLog(at.folder, [{ who: "the other log", heads: headsReceived(other.folder) }]).faults.map(faultName);

test("what one side signs is in the other's chain, and what is heard of that is not told again", () => {
  using at = place();
  using beside = place();
  const [runner, hub] = [side(at), side(beside)];
  const words: HeadWord[] = [];
  hub.exchange.onWord((word) => words.push(word));
  runner.exchange.onWord((word) => hub.exchange.hear(word));
  runner.log.writeDurably({ event: "approval.answered" });
  const [received] = headsReceived(beside.folder);
  assert.deepEqual([received?.key, received?.seq, received?.hash], [runner.log.key, 1, runner.log.head.hash]);
  hub.log.close();
  runner.log.close();
  assert.deepEqual(words, []);
  assert.deepEqual([faultsBeside(at, beside), beside.faults()], [[], []]);
});

test("forged, foreign, old and contradicting heads are refused and on record, each once", () => {
  using at = place();
  using beside = place();
  using elsewhere = place();
  const [runner, hub, stranger] = [side(at), side(beside), side(elsewhere)];
  runner.log.write({ event: "call.started" });
  const old = greet(runner);
  runner.log.write({ event: "call.finished" });
  runner.log.seal();
  const { head } = greet(runner);
  stranger.log.write({ event: "call.started" });
  hub.exchange.hear({ head });
  const forged = { ...head, seq: head.seq + 5 };
  for (let round = 0; round < 3; round += 1) {
    hub.exchange.hear({ head: forged });
    hub.exchange.hear(greet(stranger));
    hub.exchange.hear(old);
    hub.exchange.hear({ head });
  }
  for (const { log } of [runner, hub, stranger]) log.close();
  assert.deepEqual(refusals(beside), ["wrong_signature", "unknown_key", "older"]);
  assert.deepEqual(headsReceived(beside.folder), [head]);
});

test("many greetings at once cost one signature", () => {
  using at = place();
  const { log, exchange } = side(at);
  log.write({ event: "call.started" });
  const first = exchange.greeting();
  log.write({ event: "call.finished" });
  assert.deepEqual(exchange.greeting(), first);
  log.close();
});

test("two heads for one record are kept as evidence", () => {
  using at = place();
  using beside = place();
  using forger = place();
  at.wrote(0);
  for (const name of ["audit.key", "audit.head.json"]) copyFileSync(join(at.folder, name), join(forger.folder, name));
  const [runner, other, hub] = [side(at), side(forger), side(beside)];
  runner.log.write({ event: "call.started" });
  other.log.write({ event: "call.refused" });
  hub.exchange.hear(greet(runner));
  hub.exchange.hear(greet(other));
  for (const { log } of [runner, other, hub]) log.close();
  assert.deepEqual(refusals(beside), ["contradiction"]);
  assert.deepEqual(beside.faults(), ["head_refused@2"]);
});

test("a tail that was cut together with its signed head is missed when the other side says what it knows", () => {
  using at = place();
  using beside = place();
  {
    const [runner, hub] = [side(at), side(beside)];
    for (let index = 0; index < 5; index += 1) runner.log.write({ event: "call.started" });
    hub.exchange.hear(greet(runner));
    runner.log.close();
    hub.log.close();
  }
  rmSync(join(at.folder, "audit.head.json"));
  const lines = at.lines();
  writeFileSync(at.file, `${lines.slice(0, 2).join("\n")}\n`);
  assert.deepEqual(faultsBeside(at, beside), ["head_missing@0", "cut_tail@3"]);
  const [runner, hub] = [side(at), side(beside)];
  runner.exchange.hear(greet(hub));
  runner.log.close();
  hub.log.close();
  assert.deepEqual(at.events().slice(2), ["log.damaged head_missing", "log.damaged cut_tail", "head.received"]);
  assert.deepEqual(
    [...recordsOf(at.folder)].map(({ seq }) => seq),
    [1, 2, 3, 6, 7],
  );
});

test("a log that was written anew with its own key contradicts what the other side heard", () => {
  using at = place();
  using beside = place();
  at.wrote(0);
  const key = readFileSync(join(at.folder, "audit.key"));
  const head = readFileSync(join(at.folder, "audit.head.json"));
  {
    const [runner, hub] = [side(at), side(beside)];
    runner.log.write({ event: "call.started", tool: "harmful" });
    hub.exchange.hear(greet(runner));
    runner.log.close();
    hub.log.close();
  }
  rmSync(at.file);
  writeFileSync(join(at.folder, "audit.key"), key);
  writeFileSync(join(at.folder, "audit.head.json"), head);
  at.wrote(3);
  assert.deepEqual([at.faults(), faultsBeside(at, beside)], [[], ["rewritten@1"]]);
});

test("a state folder that was begun anew is told apart from the one that the other side remembers", () => {
  using at = place();
  using beside = place();
  const [runner, hub] = [side(at), side(beside)];
  runner.log.write({ event: "call.started" });
  hub.exchange.hear(greet(runner));
  using anew = place();
  const fresh = side(anew);
  fresh.exchange.hear(greet(hub));
  hub.exchange.hear(greet(fresh));
  for (const { log } of [runner, hub, fresh]) log.close();
  assert.deepEqual([refusals(anew), refusals(beside)], [["another_log"], ["unknown_key"]]);
  assert.match(faultsBeside(anew, beside).join(" "), /^another_log@1/);
  hub.exchange.forget();
});

test("what was heard of other machines is told apart from the log beside this one", () => {
  using at = place();
  using beside = place();
  using elsewhere = place();
  const [hub, runner, far] = [side(at), side(beside), side(elsewhere)];
  const toFar = openExchange(hub.log, told, "mch_far");
  for (const { log } of [runner, far]) log.write({ event: "call.started" });
  toFar.hear(greet(far));
  hub.exchange.hear(greet(runner));
  toFar.hear(greet(runner));
  for (const { log } of [hub, runner, far]) log.close();
  assert.deepEqual(
    headsReceived(at.folder).map(({ key }) => key),
    [runner.log.key],
  );
  assert.deepEqual(faultsBeside(beside, at), []);
  assert.deepEqual(
    at.verify().faults.map(({ reason, says }) => [reason, says]),
    [["head_refused", "unknown_key, over the link of mch_far"]],
  );
});
