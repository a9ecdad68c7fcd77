import assert from "node:assert/strict";
import { chmodSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { ApprovalAnswer, ShownQuestion } from "@paddock/contract";
import { answer, call, envelopeOf, observer, owner, world } from "./gate.fixture.ts";

type World = ReturnType<typeof world>;

/** A world whose calls want to run this beyond the cage. */
const beyond = (command: string, run: () => Promise<unknown> = async () => "ran") =>
  world({ wants: ({ workspace }) => ({ noCage: true, command, directory: workspace, reason: "to try" }), run });

/** Asks, lets something happen while the owner thinks, and gives the answer; what the call comes to. */
async function asked(at: World, given: ApprovalAnswer, meanwhile: (question: ShownQuestion) => void = () => {}) {
  const told = observer();
  at.gate.take(call(), "hub", told);
  const question = await told.question;
  meanwhile(question);
  await answer(at.questions, question.id, given);
  const { state, result } = await told.answer;
  return { question, state, data: envelopeOf(result).data };
}

const once = { type: "allow_once" } as const;
const textsOf = ({ lines }: ShownQuestion, label: string) =>
  lines.filter((line) => line.label === label).map(({ text }) => text);

test("what changed between the question and the start does not run, and is asked about anew", async () => {
  const changes: Record<string, (at: World) => void> = {
    "the script's text": ({ work }) => writeFileSync(join(work, "deploy.sh"), "echo evil\n"),
    "the script, by a rename": ({ work }) => {
      writeFileSync(join(work, "other.sh"), "echo evil\n");
      renameSync(join(work, "other.sh"), join(work, "deploy.sh"));
    },
    "the script, by a link": ({ work }) => {
      writeFileSync(join(work, "other.sh"), "echo good\n");
      rmSync(join(work, "deploy.sh"));
      symlinkSync("other.sh", join(work, "deploy.sh"));
    },
    "the directory": ({ work }) => {
      renameSync(work, `${work}-aside`);
      mkdirSync(work);
      writeFileSync(join(work, "deploy.sh"), "echo good\n");
    },
  };
  for (const [what, change] of Object.entries(changes)) {
    let ran = 0;
    using at = beyond("bash deploy.sh", async () => {
      ran += 1;
    });
    writeFileSync(join(at.work, "deploy.sh"), "echo good\n");
    const stale = await asked(at, once, () => change(at));
    assert.deepEqual([what, stale.state, stale.data.code, ran], [what, "refused", "approval_stale", 0]);
    const again = await asked(at, once);
    assert.deepEqual([what, again.state, ran], [what, "completed", 1]);
  }
});

test("a grant ends with a change of what would run", async () => {
  using at = beyond("./deploy.sh");
  const script = join(at.work, "deploy.sh");
  writeFileSync(script, "#!/bin/sh\necho good\n");
  chmodSync(script, 0o755);
  await asked(at, { type: "allow_minutes", minutes: 5 });
  const covered = observer();
  at.gate.take(call(), "hub", covered);
  assert.equal((await covered.answer).state, "completed");
  const started = at.audit().findLast(({ event }) => event === "call.started");
  assert.deepEqual(started.detail, { grant: at.grants.list()[0]?.id });
  writeFileSync(script, "#!/bin/sh\necho evil\n");
  assert.equal((await asked(at, { type: "deny" })).data.code, "approval_denied");
});

test("rules that say no by the time of the answer are obeyed", async () => {
  using at = beyond("make");
  const { state, data } = await asked(at, once, () =>
    at.owners.addRule({ id: "no-more", verdict: "deny", tools: ["run_command"], reason: "Not any more." }),
  );
  assert.deepEqual([state, data.code], ["refused", "denied"]);
});

test("the owner's reason for a no reaches the caller as the owner's words", async () => {
  using at = beyond("make");
  const { data } = await asked(at, { type: "deny", reason: "Use the test server." });
  assert.equal(data.message, 'The owner said no: "Use the test server."');
});

test("the question names the programs that are found, and all that the answer binds has a digest of its own", async () => {
  using at = beyond("cat notes.txt");
  const first = (await asked(at, { type: "deny" })).question;
  const second = (await asked(at, { type: "deny" })).question;
  assert.match(textsOf(first, "program")[0] ?? "", /\/cat$|\/coreutils$|\/busybox$/);
  assert.notEqual(first.binding, second.binding);
});

test("the answer, what it is worth and by whom are on record before it takes effect", async () => {
  using at = beyond("make");
  const { question } = await asked(at, { type: "allow_minutes", minutes: 5 });
  const [told, answered] = at.audit();
  assert.deepEqual(told.detail, { approval: question.id, binding: question.binding, assurance: "device" });
  assert.deepEqual(answered.detail, {
    answer: "allowed",
    given: { type: "allow_minutes", minutes: 5 },
    channel: "cli",
    by: "owner",
    assurance: "local",
  });
  assert.deepEqual(at.grants.list().length, 1);
});

test("`always` is shown as the rule that it writes, and from then on nothing is asked", async () => {
  using at = world({
    wants: ({ workspace }) => ({ paths: [{ path: join(workspace, ".env"), access: "read" }] }),
  });
  const { question } = await asked(at, { type: "allow_always" });
  assert.match(question.always ?? "", /^\[\[rule\]\]\nid = "always-[0-9a-f]{12}"\nverdict = "allow"$/m);
  assert.deepEqual(
    at.owners.state.rules.map(({ verdict, when }) => [verdict, when]),
    [["allow", { paths: [join(at.work, ".env")], callers: [owner.name], machines: ["here"], tools: ["run_command"] }]],
  );
  const covered = observer();
  at.gate.take(call(), "hub", covered);
  assert.equal((await covered.answer).state, "completed");
});

test("`always` for a plain command names its program by its file, its words and its directory", async () => {
  using at = beyond("ls -l /");
  const { question } = await asked(at, { type: "allow_always" });
  assert.match(question.always ?? "", /^args = \[ "-l", "\/" \]$/m);
  const own = { callers: [owner.name], machines: ["here"], tools: ["run_command"] };
  const name = realpathSync("/bin/ls");
  const programs = [{ name, args: ["-l", "/"], exact: true }];
  assert.deepEqual(
    at.owners.state.rules.map(({ verdict, when }) => [verdict, when]),
    [["allow", { ...own, programs, cwd: [at.work], wishes: ["no_cage"] }]],
  );
  const covered = observer();
  at.gate.take(call(), "hub", covered);
  assert.equal((await covered.answer).state, "completed");
});

test("`always` is not offered where a rule would say more than the call", async () => {
  for (const command of ["make && make install", "cat $FILE", "cat *", "sh -c 'make'", "make > out"]) {
    using at = beyond(command);
    const { question } = await asked(at, { type: "deny" });
    assert.deepEqual([command, question.offers.includes("allow_always")], [command, false]);
  }
});
