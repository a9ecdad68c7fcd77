import assert from "node:assert/strict";
import { test } from "node:test";
import { type ApprovalAnswer, type ApprovalOutcome, newId, PaddockError, type ShownQuestion } from "@paddock/contract";
import type { Channel, GivenAnswer } from "./channel.ts";
import { type AskedAbout, openQuestions, type Questions } from "./questions.ts";

const quiet = { warn: () => {} };

interface World {
  questions: Questions;
  refused: string[];
}

function world({ channels = [] as Channel[], signer = null as string | null } = {}): World {
  const refused: string[] = [];
  const questions = openQuestions({
    channels,
    deviceThatSigned: (_, signature) => (signature.publicKey === signer ? signer : null),
    refused: (_, code) => refused.push(code),
    log: quiet,
  });
  return { questions, refused };
}

function about(change: Partial<AskedAbout> & { assurance?: ShownQuestion["assurance"] } = {}): AskedAbout {
  const { assurance = "local", ...rest } = change;
  return {
    principal: "tok_1",
    question: {
      run: newId("run"),
      machine: "here",
      assurance,
      risk: "low",
      lines: [],
      offers: ["allow_once", "allow_minutes", "allow_always", "deny"],
      binding: "0".repeat(64),
    },
    expiresInMs: 60_000,
    signal: new AbortController().signal,
    asked: () => {},
    answered: () => {},
    ...rest,
  };
}

const given = (
  id: string,
  answer: ApprovalAnswer = { type: "allow_once" },
  change: Partial<GivenAnswer> = {},
): GivenAnswer => ({ id, answer, channel: "cli", by: "owner", assurance: "local", ...change });

const first = ({ questions }: World): string => questions.list()[0]?.id ?? "";
const signature = { publicKey: "phone", signature: "x" };

test("a caller who asks without end does not keep the questions of others from the owner", async () => {
  const { questions } = world();
  const waiting = Array.from({ length: 20 }, () => questions.ask(about()));
  assert.throws(() => questions.ask(about()), { code: "too_many" });
  waiting.push(questions.ask(about({ principal: "tok_2" })));
  assert.equal(questions.list().length, 21);
  for (const { id } of questions.list()) await questions.answer(given(id, { type: "deny" }));
  assert.deepEqual(new Set((await Promise.all(waiting)).map(({ type }) => type)), new Set(["denied"]));
});

test("a hundred questions of many callers are the most that wait", () => {
  const { questions } = world();
  const asked = (index: number) => void questions.ask(about({ principal: `tok_${index}`, expiresInMs: 0 }));
  for (let index = 0; index < 100; index += 1) asked(index);
  assert.throws(() => asked(100), { code: "too_many" });
});

test("a question that cannot be recorded is not open", () => {
  const { questions } = world();
  const full = () => {
    throw new PaddockError("audit_unavailable", "The disk is full.");
  };
  assert.throws(() => questions.ask(about({ asked: full })), { code: "audit_unavailable" });
  assert.deepEqual(questions.list(), []);
});

test("an answer that cannot be recorded has no effect, and the question still waits", async () => {
  const at = world();
  let full = true;
  const answered = () => {
    if (full) throw new PaddockError("audit_unavailable", "The disk is full.");
  };
  const settled = at.questions.ask(about({ answered }));
  await assert.rejects(at.questions.answer(given(first(at))), { code: "audit_unavailable" });
  full = false;
  await at.questions.answer(given(first(at)));
  assert.equal((await settled).type, "allowed");
});

test("the first answer counts; the others are told that it is over, and by whom", async () => {
  const at = world();
  const settled = at.questions.ask(about());
  const id = first(at);
  await at.questions.answer(given(id, { type: "deny", reason: "Not today." }));
  await assert.rejects(at.questions.answer(given(id)), {
    code: "approval_over",
    message: "This question is over: denied by owner over cli.",
  });
  assert.deepEqual(await settled, {
    type: "denied",
    channel: "cli",
    by: "owner",
    assurance: "local",
    answer: { type: "deny", reason: "Not today." },
  });
  assert.deepEqual(at.refused, ["approval_over"]);
});

test("of two answers at once only one takes effect", async () => {
  const at = world();
  const gate = Promise.withResolvers<void>();
  const settled = at.questions.ask(about({ answered: () => gate.promise }));
  const id = first(at);
  const one = at.questions.answer(given(id, { type: "deny" }));
  await assert.rejects(at.questions.answer(given(id)), { code: "approval_over" });
  gate.resolve();
  await one;
  assert.equal((await settled).type, "denied");
});

test("an answer that nobody asked for, or for a question before the restart, changes nothing", async () => {
  const at = world();
  for (const id of ["", "apr_x", newId("apr")]) {
    await assert.rejects(at.questions.answer(given(id)), { code: "not_found" });
  }
});

test("silence is a no, and so is an answer after the end", async () => {
  const at = world();
  const settled = at.questions.ask(about({ expiresInMs: 1 }));
  const id = first(at);
  assert.deepEqual(await settled, { type: "expired" });
  await assert.rejects(at.questions.answer(given(id)), { code: "approval_over" });
});

test("a yes must be worth what the question wants; a no always counts", async () => {
  const worths = ["hub", "device", "local"] as const;
  const outcomes: string[] = [];
  for (const wanted of worths) {
    for (const worth of worths) {
      const at = world();
      const settled = at.questions.ask(about({ assurance: wanted }));
      const answer = at.questions.answer(given(first(at), undefined, { assurance: worth }));
      const code = await answer.then(
        () => "ok",
        ({ code: refused }) => refused,
      );
      outcomes.push(`${worth} for ${wanted}: ${code}`);
      if (code !== "ok") await at.questions.answer(given(first(at), { type: "deny" }, { assurance: worth }));
      assert.equal((await settled).type, code === "ok" ? "allowed" : "denied");
    }
  }
  assert.deepEqual(
    outcomes.filter((line) => !line.endsWith("ok")),
    ["hub for device: answer_too_weak", "hub for local: answer_too_weak", "device for local: answer_too_weak"],
  );
});

test("what the hub carries is worth a device when an enrolled one signed it, and nothing when another did", async () => {
  const at = world({ signer: "phone" });
  const settled = at.questions.ask(about({ assurance: "device" }));
  const over = (publicKey: string): Partial<GivenAnswer> => ({
    assurance: "hub",
    channel: "hub",
    signature: { ...signature, publicKey },
  });
  await assert.rejects(at.questions.answer(given(first(at), undefined, over("stranger"))), { code: "wrong_signature" });
  await assert.rejects(at.questions.answer(given(first(at), { type: "deny" }, over("stranger"))), {
    code: "wrong_signature",
  });
  await at.questions.answer(given(first(at), undefined, over("phone")));
  const { by, assurance, channel } = await settled;
  assert.deepEqual([by, assurance, channel], ["phone", "device", "hub"]);
});

test("`always` is never taken from the hub's word, nor an answer that is not offered", async () => {
  const at = world();
  const settled = at.questions.ask(about({ assurance: "hub" }));
  const always = given(first(at), { type: "allow_always" }, { assurance: "hub" });
  await assert.rejects(at.questions.answer(always), { code: "answer_too_weak" });
  const server = given(first(at), { type: "allow_server", minutes: 15 });
  await assert.rejects(at.questions.answer(server), { code: "invalid_input" });
  await at.questions.answer({ ...always, assurance: "device" });
  assert.equal((await settled).type, "allowed");
});

test("every channel shows the question, and each is told how it ended; one that fails keeps nobody", async () => {
  const told: [string, string][] = [];
  const channel = (name: string): Channel => ({
    name,
    show: async ({ id }) => {
      told.push([name, id]);
      return "shown";
    },
    withdraw: async (_, { type, by }: ApprovalOutcome) => void told.push([name, `${type} by ${by}`]),
  });
  const broken: Channel = {
    name: "broken",
    show: () => Promise.reject(new Error("no")),
    withdraw: () => Promise.reject(new Error("no")),
  };
  const at = world({ channels: [channel("desktop"), broken, channel("ntfy")] });
  const settled = at.questions.ask(about());
  const id = first(at);
  await at.questions.answer(given(id));
  await settled;
  const shown = [
    ["desktop", id],
    ["ntfy", id],
  ];
  assert.deepEqual(told, [...shown, ["desktop", "allowed by owner"], ["ntfy", "allowed by owner"]]);
});

test("a clock that is moved neither ends a question nor keeps it open", async () => {
  let now = 1_000_000;
  const questions = openQuestions({
    channels: [],
    deviceThatSigned: () => null,
    refused: () => {},
    log: quiet,
    clock: () => now,
  });
  const long = questions.ask(about());
  now += 86_400_000;
  await questions.answer(given(questions.list()[0]?.id ?? ""));
  assert.equal((await long).type, "allowed");
  const short = questions.ask(about({ expiresInMs: 1 }));
  now -= 86_400_000;
  assert.equal((await short).type, "expired");
});
