import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { until } from "../../../../../../test/world/until.ts";
import { answeredElsewhere, type Inbox, openInbox, questionOf } from "../channels.fixture.ts";
import { type NtfyStandIn, startNtfy } from "./ntfy.fixture.ts";
import { Ntfy } from "./ntfy.ts";
import { openNtfyServer } from "./server.ts";

let phone: NtfyStandIn;
let inbox: Inbox;
let topic: string;
let count = 0;

before(async () => {
  phone = await startNtfy();
});
after(() => phone?.[Symbol.asyncDispose]());
beforeEach(() => {
  inbox = openInbox();
  count += 1;
  topic = `box${count}`;
  phone.lie = null;
  phone.isOpen = false;
});

const ntfyOf = (token: string | null = phone.token) =>
  new Ntfy({ ...inbox.parts, server: openNtfyServer(new URL(phone.url), token, 5_000), topic });
const open = () => new AbortController().signal;
const labels = (message = phone.messages(topic).at(-1)) => message?.actions?.map(({ label }) => label);
const latest = () => until(() => phone.messages(topic).at(-1));

test("a button on the phone answers, and no address holds anything of the answer", async () => {
  const ntfy = ntfyOf();
  const question = questionOf();
  assert.equal(await ntfy.show(question, open()), "shown");
  const message = await latest();
  assert.deepEqual(labels(message), ["Allow once", "Allow for 15 min", "Deny"]);
  assert.deepEqual(
    new Set(message.actions?.map(({ url, method }) => `${method} ${url}`)),
    new Set([`POST ${phone.url}/${topic}-answers`]),
  );
  assert.equal(await phone.press(message, "Allow once"), 200);
  await until(() => inbox.given.length > 0);
  assert.deepEqual(inbox.given, [
    { id: question.id, answer: { type: "allow_once" }, channel: "ntfy", by: "ntfy", assurance: "hub" },
  ]);
  await ntfy.withdraw(question.id, { type: "allowed", channel: "ntfy" });
});

test("of a bridged server three buttons are left, the whole server's first", async () => {
  const ntfy = ntfyOf();
  const lines = [{ label: "server" as const, text: "notes", from: "paddock" as const }];
  const question = questionOf({ lines, offers: ["allow_once", "allow_minutes", "allow_server", "deny"] });
  await ntfy.show(question, open());
  assert.deepEqual(labels(await latest()), ["Allow once", "Allow notes for 15 min", "Deny"]);
  await ntfy.withdraw(question.id, answeredElsewhere);
});

test("when it was answered elsewhere, the message is replaced by one that says so and has no buttons", async () => {
  const ntfy = ntfyOf();
  const question = questionOf();
  await ntfy.show(question, open());
  await ntfy.withdraw(question.id, answeredElsewhere);
  const [asked, over] = phone.messages(topic);
  assert.deepEqual([asked?.sequence_id, over?.sequence_id], [question.id, question.id]);
  assert.deepEqual([over?.message, over?.actions], ["Denied, through inbox", undefined]);
});

test("forged, altered, borrowed, replayed and garbled answers change nothing and are on record", async () => {
  const ntfy = ntfyOf();
  const [first, second] = [questionOf(), questionOf({ binding: "cd".repeat(32) })];
  await ntfy.show(first, open());
  const message = await latest();
  await ntfy.show(second, open());
  const bodyOf = (label: string) => JSON.parse(message.actions?.find((one) => one.label === label)?.body ?? "{}");
  const denial = bodyOf("Deny");
  const say = (body: unknown) => phone.say(`${topic}-answers`, typeof body === "string" ? body : JSON.stringify(body));
  await say({ ...denial, answer: "allow_once" });
  await say({ ...denial, approval: second.id });
  await say({ ...denial, signature: "é".repeat(43) });
  await say({ ...denial, approval: "apr_never" });
  await say({ ...denial, more: 1 });
  await say("\u0000{");
  await say("x".repeat(5000));
  await until(() => inbox.refused.length >= 7);
  assert.deepEqual(
    inbox.refused.map(({ code }) => code),
    [
      "wrong_signature",
      "wrong_signature",
      "wrong_signature",
      "not_found",
      "invalid_input",
      "invalid_input",
      "invalid_input",
    ],
  );
  assert.equal(inbox.given.length, 0);
  await ntfy.withdraw(first.id, answeredElsewhere);
  await say(denial);
  await until(() => inbox.given.length > 0);
  assert.equal(inbox.given[0]?.id, first.id, "a late answer reaches the questions, which say that it is over");
  await ntfy.withdraw(second.id, answeredElsewhere);
});

test("after a restart the buttons of before press nothing", async () => {
  const before = ntfyOf();
  const question = questionOf();
  await before.show(question, open());
  const message = await latest();
  const restarted = ntfyOf();
  await restarted.show(questionOf(), open());
  await phone.press(message, "Deny");
  await until(() => inbox.refused.length > 0);
  assert.equal(inbox.refused[0]?.code, "not_found");
  await before.withdraw(question.id, answeredElsewhere);
});

test("an answer given while the connection is lost arrives with the next one", async () => {
  const ntfy = ntfyOf();
  const question = questionOf();
  await ntfy.show(question, open());
  const message = await latest();
  phone.drop();
  await phone.press(message, "Deny");
  await until(() => inbox.given.length > 0);
  assert.deepEqual(inbox.given[0]?.answer, { type: "deny" });
  await ntfy.withdraw(question.id, answeredElsewhere);
});

test("a topic that anybody can read tells of the question and has no buttons", async () => {
  phone.isOpen = true;
  const ntfy = ntfyOf();
  const question = questionOf();
  assert.equal(await ntfy.show(question, open()), "told");
  const message = await latest();
  assert.deepEqual(labels(message), []);
  assert.match(message.message, /answer on the machine or with an enrolled device: paddock approve apr_/);
  assert.match(JSON.stringify(await ntfy.check()), /anybody can read the ntfy topic/);
});

test("what wants more than the hub's word can only be denied on the phone", async () => {
  const ntfy = ntfyOf();
  const question = questionOf({ assurance: "local" });
  assert.equal(await ntfy.show(question, open()), "told");
  assert.deepEqual(labels(await latest()), ["Deny"]);
  await ntfy.withdraw(question.id, answeredElsewhere);
});

test("what looks like a secret stays on the machine, and the question cannot be allowed on the phone", async () => {
  const ntfy = ntfyOf();
  const text = "deploy --token ghp_0123456789abcdef";
  const question = questionOf({ lines: [{ label: "command", text, from: "agent" }] });
  assert.equal(await ntfy.show(question, open()), "told");
  const message = await latest();
  assert.deepEqual(labels(message), ["Deny"]);
  assert.doesNotMatch(JSON.stringify(message), /0123456789abcdef/);
  assert.match(message.message, /answer on the machine/);
  await ntfy.withdraw(question.id, answeredElsewhere);
});

test("a wrong token is said to be one", async () => {
  const result = await ntfyOf("tk_wrongwrongwrongwrong").show(questionOf(), open());
  assert.match(JSON.stringify(result), /check ntfy_token_file/);
});

const lies: Record<string, NonNullable<NtfyStandIn["lie"]>> = {
  fails: (response) => response.writeHead(500).end(),
  "leads elsewhere": (response) => response.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
  "breaks off": (response) => response.destroy(),
  "says nothing": () => undefined,
  "talks without end": (response) => {
    response.writeHead(200);
    const more = () => void (response.writable && response.write("x".repeat(65_536), more));
    more();
  },
};
for (const [what, lie] of Object.entries(lies)) {
  test(`a server that ${what} is unavailable, without a word of its address`, async () => {
    phone.lie = lie;
    const result = await ntfyOf().show(questionOf(), open());
    assert.match(JSON.stringify(result), /ntfy cannot be reached/);
    assert.doesNotMatch(JSON.stringify(result), /127\.0|box/);
    phone.lie = null;
    const ntfy = ntfyOf();
    const question = questionOf();
    assert.equal(await ntfy.show(question, open()), "shown", "and back again");
    await ntfy.withdraw(question.id, answeredElsewhere);
  });
}
