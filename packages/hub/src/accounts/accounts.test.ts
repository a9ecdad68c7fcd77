import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { startTestHub } from "../hub.fixture.ts";
import { browserAt, ownersBrowser, password } from "../oauth/oauth.fixture.ts";
import { openSetUpCodes } from "./set-up.ts";

const isIn = async (browser: ReturnType<typeof browserAt>): Promise<boolean> =>
  (await browser.get("/approvals")).url.pathname === "/approvals";

test("the owner sets a password with a code from the machine, once, and signs in and out with it", async () => {
  await using hub = await startTestHub();
  const { url } = (await hub.control("POST", "/owner", {})).json;
  const { pathname, hash } = new URL(url);
  const browser = browserAt(hub);
  assert.equal(
    (await browser.get(pathname)).headers.get("content-security-policy")?.includes("script-src 'sha256-"),
    true,
  );
  const set = (code: string, chosen = password) => browser.post("/set-up", { code, password: chosen });
  assert.equal((await set("a guess")).status, 403);
  assert.equal((await set(hash.slice(1), "short")).status, 200, "asked again, and the code is still good");
  assert.equal((await set(hash.slice(1))).status, 200);
  assert.equal((await set(hash.slice(1))).status, 403, "used up");
  assert.equal(await isIn(browser), false);
  await browser.post("/sign-in", { password });
  assert.equal(await isIn(browser), true);
  await browser.post("/sign-out", {}, { origin: "null" });
  assert.equal(await isIn(browser), true);
  const kept = new Map(browser.cookies);
  await browser.post("/sign-out", {});
  for (const [name, value] of kept) browser.cookies.set(name, value);
  assert.equal(await isIn(browser), false, "also for whoever kept the cookie");
});

test("a new password ends all sign-ins, and only the machine can give one", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  assert.equal((await hub.control("POST", "/owner", { password: "another of my passwords" })).status, 400);
  const reset = await hub.control("POST", "/owner", { again: true, password: "another of my passwords" });
  assert.deepEqual([reset.status, await isIn(browser)], [201, false]);
  assert.equal((await browser.post("/sign-in", { password })).status, 401);
  await browser.post("/sign-in", { password: "another of my passwords" });
  assert.equal(await isIn(browser), true);
  assert.equal(
    (await hub.control("POST", "/owner", { again: true, password: "short" })).json.error.code,
    "invalid_input",
  );
  const text = hub
    .audit(50)
    .map((record) => JSON.stringify(record))
    .join("");
  assert.equal(text.includes(password) || text.includes("another of my"), false);
});

test("guesses are few, are on record, and end before the password is looked at", async () => {
  await using hub = await startTestHub({ failed_credentials_per_minute: 3 });
  await hub.control("POST", "/owner", { password });
  const browser = browserAt(hub);
  const statuses: number[] = [];
  for (const guess of ["a", "b", "c", "d", password]) {
    statuses.push((await browser.post("/sign-in", { password: guess })).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 429, 429]);
  const failed = hub.audit(50).filter(({ event }) => event === "credential.failed");
  assert.deepEqual(
    failed.map(({ surface }) => surface),
    ["sign-in", "sign-in", "sign-in"],
  );
});

test("behind a named proxy a stranger's guesses do not keep the owner from signing in", async () => {
  await using hub = await startTestHub({ failed_credentials_per_minute: 2, trusted_proxies: ["127.0.0.1"] });
  await hub.control("POST", "/owner", { password });
  const attempt = async (from: string, guess: string) =>
    (await browserAt(hub).post("/sign-in", { password: guess }, { "x-forwarded-for": from })).status;
  const guesses = [];
  for (const guess of ["a", "b", "c"]) guesses.push(await attempt("203.0.113.9", guess));
  assert.deepEqual(guesses, [401, 401, 429]);
  assert.notEqual(await attempt("192.0.2.1", password), 429);
  const failed = hub.audit(50).filter(({ event }) => event === "credential.failed");
  assert.deepEqual(
    failed.map(({ detail }) => detail),
    [{ remote: "203.0.113.9" }, { remote: "203.0.113.9" }],
  );
});

test("a sign-in outlives a restart; what the browser holds stands nowhere in the hub's files", async () => {
  await using hub = await startTestHub();
  const browser = await ownersBrowser(hub);
  const [cookie = ""] = browser.cookies.values();
  const port = Number(new URL(hub.address).port);
  await hub.restart({ port });
  assert.equal(await isIn(browser), true);
  const [token = ""] = decodeURIComponent(cookie).split(".");
  const files = readFileSync(join(hub.home, "hub", "hub.sqlite3"), "latin1");
  assert.deepEqual([token.length > 20, files.includes(token), files.includes(password)], [true, false, false]);
});

test("signing in leads back to a page of Paddock's and nowhere else", async () => {
  await using hub = await startTestHub();
  await hub.control("POST", "/owner", { password });
  const ledTo = async (next: string) =>
    (await browserAt(hub).post(`/sign-in?next=${encodeURIComponent(next)}`, { password })).url.pathname;
  const away = [
    "https://evil.example",
    "//evil.example",
    "/\\evil.example",
    "/consent/../../x",
    "/sign-out",
    "javascript:1",
  ];
  for (const next of away) assert.equal(await ledTo(next), "/approvals", next);
  assert.equal(await ledTo("/consent/abc"), "/consent/abc");
});

test("a code is good for a quarter of an hour, and a newer one ends it", () => {
  const codes = openSetUpCodes();
  const { code: first } = codes.make(0);
  const { code: second } = codes.make(0);
  assert.deepEqual([codes.take(first, 1), codes.take(second, 15 * 60_000), codes.take("", 1)], [false, false, false]);
  assert.deepEqual([codes.take(second, 1), codes.take(second, 1)], [true, false]);
});
