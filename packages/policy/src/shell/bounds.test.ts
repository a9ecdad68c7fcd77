/** Hostile and everyday input: reading never throws, is never slow, and is not more anxious than it must be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { generateLines } from "./generated-lines.fixture.ts";
import { readScript } from "./read-script.ts";
import { readLines, tricks } from "./tricks.fixture.ts";

const largest = 64 * 1024;
/** On a machine that does nothing else it is below 50; a loaded one is many times slower. */
const mostMilliseconds = 2_000;

function timed(text: string): number {
  const start = performance.now();
  readScript(text);
  return performance.now() - start;
}

test("of everyday commands at most a fifth is not understood whole", (t) => {
  const lines = readLines("./everyday.txt");
  const unclear = lines.filter((line) => readScript(line).unresolved.length > 0);
  t.diagnostic(`${unclear.length} of ${lines.length} everyday commands are not understood whole`);
  assert.ok(lines.length >= 300);
  assert.ok(unclear.length <= lines.length / 5, unclear.join("\n"));
});

test("text that is nested or repeated up to the limit is read in time", () => {
  const parts =
    "$(|`|\\`|(|{ |${x:-|$((|\"$(|if |case x in x) |<(|! |{a,|@(|a[|cat <<A\n|f() |function f |a&|a|\"|'|$'|;|while |[[ |" +
    '[[ (|((a+(|((a?|a=(|a<<<|$(a |[a|`a `|${x[|${x/|coproc |time |>a |x=${a[$((|$[|${ |"${x:-|"`|$(( $(|{a,{|f(){ |#\n|' +
    "env |sh -c '|eval |xargs |find -exec |sudo env nice |-exec |a |x=1 |sed p;";
  for (const part of parts.split("|")) {
    const took = timed(part.repeat(largest / part.length));
    assert.ok(took < mostMilliseconds, `${JSON.stringify(part)} took ${took} ms`);
  }
});

test("random text is read in time, and never throws", () => {
  let state = 20;
  const random = (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
  const all = [...tricks, ...generateLines(20, 500), ...readLines("./everyday.txt")];
  for (let round = 0; round < 2_000; round += 1) {
    const line = all[random(all.length)] ?? "";
    const cut = random(line.length + 1);
    readScript(line.slice(0, cut) + String.fromCharCode(random(256)) + line.slice(cut + random(4)));
  }
  for (let round = 0; round < 20; round += 1) {
    const bytes = Array.from({ length: largest }, () => String.fromCharCode(random(round % 2 === 0 ? 256 : 128))).join(
      "",
    );
    assert.ok(timed(bytes) < mostMilliseconds);
    const mixed = Array.from({ length: 1_000 }, () => all[random(all.length)] ?? "").join(
      ["\n", ";", " ", ""][round % 4],
    );
    assert.ok(timed(mixed.slice(0, largest)) < mostMilliseconds);
  }
});

test("a text beyond the limit is not read, and says so", () => {
  const { invocations, unresolved } = readScript(`curl ${"x".repeat(largest)}`);
  assert.deepEqual(invocations, []);
  assert.equal(unresolved.length, 1);
});

test("what is found before the work is too much is told nevertheless", () => {
  const { invocations, unresolved } = readScript(`curl x; ${"a;".repeat(30_000)}`);
  assert.equal(invocations[0]?.program, "curl");
  assert.ok(unresolved.length > 0);
  assert.ok(invocations.length <= 1_000);
});
