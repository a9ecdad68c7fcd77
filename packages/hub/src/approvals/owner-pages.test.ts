import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { newId, type ShownQuestion } from "@paddock/contract";
import { startTestHub, type TestHub } from "../hub.fixture.ts";
import { type Browser, browserAt, ownersBrowser } from "../oauth/oauth.fixture.ts";

const asked = (change: Partial<ShownQuestion> = {}): ShownQuestion => ({
  id: newId("apr"),
  run: newId("run"),
  machine: "here",
  assurance: "hub",
  risk: "low",
  lines: [{ label: "command", text: "make <b>\nall", from: "agent" }],
  offers: ["allow_once", "allow_minutes", "allow_always", "deny"],
  binding: "0".repeat(64),
  askedAt: 1,
  expiresAt: Date.now() + 60_000,
  ...change,
});

/** A hub, a runner behind it that asks, and the owner's browser. */
async function world(...questions: ShownQuestion[]) {
  const hub = await startTestHub({ allowed_origins: ["https://listed.example"] });
  const runner = await hub.dial();
  for (const question of questions) runner.send({ type: "question", question });
  while ((await hub.control("GET", "/approvals")).json.questions.length < questions.length) await wait(5);
  return { hub, runner, browser: await ownersBrowser(hub), [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

const cookieOf = (browser: Browser): string => [...browser.cookies].map((pair) => pair.join("=")).join("; ");

const post = (hub: TestHub, path: string, body: object, headers: Record<string, string>) =>
  hub.http("POST", path, { body: JSON.stringify(body), headers: { origin: hub.address, ...headers } });

test("the owner's browser lists questions and answers them over REST", async () => {
  const question = asked();
  await using at = await world(question);
  const { hub, runner, browser } = at;
  const cookie = cookieOf(browser);
  const { json } = await hub.http("GET", "/api/v1/approvals", { headers: { cookie } });
  assert.deepEqual(json.questions, [question]);
  const path = `/api/v1/approvals/${question.id}`;
  assert.deepEqual((await hub.http("GET", path, { headers: { cookie } })).json, question);
  const answer = { type: "allow_minutes", minutes: 20 };
  const answering = post(hub, path, { answer }, { cookie, "paddock-proof": json.proof });
  const { exchange, ...carried } = await runner.next("answer");
  assert.deepEqual(carried, { type: "answer", id: question.id, answer, by: "owner" });
  runner.send({ type: "answer_taken", exchange });
  assert.equal((await answering).status, 200);
});

test("without the sign-in, the proof or Paddock's own page, nothing is seen and nothing answered", async () => {
  const question = asked();
  await using at = await world(question);
  const { hub, runner, browser } = at;
  const cookie = cookieOf(browser);
  const path = `/api/v1/approvals/${question.id}`;
  const { proof } = (await hub.http("GET", "/api/v1/approvals", { headers: { cookie } })).json;
  const body = { answer: { type: "allow_once" } };
  const full = await hub.token({ toolset: "full" });
  const forged = cookie.replace(/session_token=../, "session_token=xx");
  const refused = [
    await hub.http("GET", "/api/v1/approvals"),
    await hub.http("GET", path, { headers: { cookie: forged } }),
    await hub.http("GET", "/api/v1/approvals", { token: full }),
    await hub.http("GET", "/api/v1/approvals", { token: full, headers: { cookie } }),
    await post(hub, path, body, { cookie }),
    await post(hub, path, body, { cookie, "paddock-proof": `${proof}x` }),
    await post(hub, path, body, { "paddock-proof": proof }),
    await post(hub, path, body, { cookie, "paddock-proof": proof, authorization: `Bearer ${full}` }),
    await post(hub, path, body, { cookie, "paddock-proof": proof, origin: "https://listed.example" }),
    await hub.http("POST", path, { body: JSON.stringify(body), headers: { cookie, "paddock-proof": proof } }),
    await post(hub, path, { answer: { type: "allow_once" }, assurance: "local" }, { cookie, "paddock-proof": proof }),
  ];
  assert.deepEqual(
    refused.map(({ status }) => status),
    [401, 401, 403, 403, 403, 403, 401, 403, 403, 403, 400],
  );
  assert.equal((await browserAt(hub).get("/approvals")).url.pathname, "/sign-in");
  assert.equal(
    runner.heard.some(({ type }) => type === "answer"),
    false,
  );
});

test("the page shows a question as it is, with what can be answered here, and takes the answer to that question", async () => {
  const [mine, local] = [asked(), asked({ assurance: "local", binding: "1".repeat(64) })];
  await using at = await world(mine, local);
  const { hub, runner, browser } = at;
  const { text } = await browser.get("/approvals");
  assert.equal(text.includes('<pre class="agent">make &lt;b&gt;\nall</pre>'), true);
  const offered = text
    .split("<article>")
    .slice(1)
    .map((part) => [...part.matchAll(/value="(\w+)">/g)].map(([, name]) => name));
  assert.deepEqual(
    offered.map((names) => names.filter((name) => /^(allow|deny)/.test(String(name)))),
    [["allow_once", "allow_minutes_15", "allow_minutes_30", "deny"], ["deny"]],
  );
  const [proof = "", other = ""] = [...text.matchAll(/name="proof" value="([^"]+)"/g)].map(([, value]) =>
    String(value),
  );
  const path = `/approvals/${mine.id}`;
  assert.equal((await browser.post(path, { proof: other, answer: "allow_once" })).status, 403);
  assert.equal((await browser.post(path, { proof, answer: "allow_always" })).status, 400);
  assert.equal((await browser.post(path, { proof, answer: "allow_once" }, { origin: "null" })).status, 403);
  const answering = browser.post(path, { proof, answer: "allow_minutes_15" });
  const { exchange, answer } = await runner.next("answer");
  assert.deepEqual(answer, { type: "allow_minutes", minutes: 15 });
  runner.send({ type: "question_over", id: mine.id, outcome: { type: "allowed", by: "owner", channel: "hub" } });
  runner.send({ type: "answer_taken", exchange });
  assert.equal((await answering).url.pathname, "/approvals");
  assert.equal((await browser.post(path, { proof, answer: "deny" })).status, 404);
  assert.equal((await hub.control("GET", "/approvals")).json.questions.length, 1);
});
