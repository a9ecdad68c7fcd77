import assert from "node:assert/strict";
import { test } from "node:test";
import { answeredElsewhere, questionOf } from "./channels.fixture.ts";
import type { MessageChannel } from "./message-channel.ts";
import { Order } from "./order.ts";

type Result = Awaited<ReturnType<MessageChannel["show"]>>;

/** A channel that keeps what it was asked to do. */
function channelOf(name: string, result: Result) {
  const did: string[] = [];
  const channel: MessageChannel = {
    name,
    async show() {
      did.push("show");
      return result;
    },
    async withdraw(_, { type }) {
      did.push(`withdraw ${type}`);
    },
    async tell() {
      did.push("tell");
      return typeof result === "string" ? "told" : result;
    },
    async check() {
      return typeof result === "string" ? "available" : result;
    },
  };
  return { channel, did };
}

const down = { unavailable: "it is down" };
const message = { title: "t", text: "x", urgent: false };
const warned: string[] = [];
const log = { warn: (_: object, words: string) => void warned.push(words) };
const open = () => new AbortController().signal;

test("a group is asked at once, and the next one not at all when somebody can answer", async () => {
  const [first, second, third] = [channelOf("a", "shown"), channelOf("b", down), channelOf("c", "shown")];
  const order = new Order({
    groups: [[first.channel, second.channel], [third.channel]],
    log,
    others: [],
    inbox: false,
  });
  const question = questionOf();
  assert.equal(await order.show(question, open()), "shown");
  assert.deepEqual([first.did, second.did, third.did], [["show"], ["show"], []]);
  await order.withdraw(question.id, answeredElsewhere);
  assert.deepEqual(first.did, ["show", "withdraw denied"]);
});

test("the next group is asked when nobody can answer over the one before", async () => {
  const [first, second, third] = [channelOf("a", down), channelOf("b", "told"), channelOf("c", "shown")];
  const order = new Order({
    groups: [[first.channel], [second.channel], [third.channel]],
    log,
    others: [],
    inbox: false,
  });
  assert.equal(await order.show(questionOf(), open()), "shown");
  assert.deepEqual(third.did, ["show"]);
});

test("without a channel that works the question waits in the inbox if that is in the order, and else says why", async () => {
  const groups = [[channelOf("a", down).channel], [channelOf("b", { unavailable: "nobody is there" }).channel]];
  assert.equal(await new Order({ groups, log, others: [], inbox: true }).show(questionOf(), open()), "told");
  assert.deepEqual(await new Order({ groups, log, others: [], inbox: false }).show(questionOf(), open()), {
    unavailable: "it is down; nobody is there",
  });
});

test("a question that is over is not shown to the next group", async () => {
  const [first, second] = [channelOf("a", down), channelOf("b", "shown")];
  const order = new Order({ groups: [[first.channel], [second.channel]], log, others: [], inbox: false });
  await order.show(questionOf(), AbortSignal.abort());
  assert.deepEqual(second.did, []);
});

test("a message goes over the first channel that works, or the named one alone", async () => {
  const [first, second, third] = [channelOf("a", down), channelOf("b", "shown"), channelOf("c", "shown")];
  const order = new Order({ groups: [[first.channel, second.channel]], log, others: [third.channel], inbox: true });
  assert.deepEqual(await order.tell(message, null), { told: "b" });
  assert.deepEqual(await order.tell(message, "c"), { told: "c" });
  assert.deepEqual(await order.tell(message, "a"), down);
  assert.deepEqual(await order.tell(message, "z"), { unavailable: "no such channel is set up" });
});

test("a channel that fails unexpectedly keeps nobody from the others", async () => {
  const [broken, other] = [channelOf("a", "shown"), channelOf("b", "shown")];
  const fail = async () => {
    throw new Error("a bug");
  };
  Object.assign(broken.channel, { show: fail, withdraw: fail });
  const order = new Order({ groups: [[broken.channel, other.channel]], log, others: [], inbox: false });
  const question = questionOf();
  assert.equal(await order.show(question, open()), "shown");
  await order.withdraw(question.id, answeredElsewhere);
  await order.close();
  assert.deepEqual(other.did, ["show", "withdraw denied"]);
  assert.deepEqual(warned, ["a channel failed unexpectedly", "a question could not be withdrawn"]);
});
