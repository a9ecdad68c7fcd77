import assert from "node:assert/strict";
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ApprovalAnswer, newId, type ShownQuestion, signedText } from "@paddock/contract";
import { openDevices } from "./devices.ts";

const folder = mkdtempSync(join(tmpdir(), "paddock-devices-"));
after(() => rmSync(folder, { recursive: true }));

const now = () => new Date("2026-01-02T03:04:05Z");
const unrecorded = () => {};

function phone(): { publicKey: string; privateKey: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  return { publicKey: String(publicKey.export({ format: "jwk" }).x), privateKey };
}

const question: ShownQuestion = {
  id: newId("apr"),
  run: newId("run"),
  machine: "here",
  assurance: "device",
  risk: "low",
  lines: [{ label: "command", text: "make", from: "agent" }],
  offers: ["allow_once", "deny"],
  binding: "0".repeat(64),
  askedAt: 1,
  expiresAt: 2,
};

const signed = (key: KeyObject, about: ShownQuestion, answer: ApprovalAnswer): string =>
  sign(null, Buffer.from(signedText(about, answer)), key).toString("base64url");

test("what an enrolled device signed counts, also after a restart, until it is removed", () => {
  const file = join(folder, "devices.json");
  const { publicKey, privateKey } = phone();
  const { id } = openDevices(file, now).enrol("phone", publicKey, unrecorded);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const devices = openDevices(file, now);
  assert.deepEqual(devices.list(), [{ id, name: "phone", publicKey, enrolledAt: "2026-01-02T03:04:05.000Z" }]);
  const answer = { type: "allow_once" } as const;
  const signature = { publicKey, signature: signed(privateKey, question, answer) };
  assert.equal(devices.thatSigned(signedText(question, answer), signature), `phone (${id})`);
  devices.remove(id);
  assert.equal(devices.thatSigned(signedText(question, answer), signature), null);
  assert.throws(() => devices.remove(id), { code: "not_found" });
});

test("a signature fits the question as it was shown and the answer that was given, nothing else", () => {
  const { publicKey, privateKey } = phone();
  const devices = openDevices(join(folder, "fits.json"), now);
  devices.enrol("phone", publicKey, unrecorded);
  const answer: ApprovalAnswer = { type: "allow_minutes", minutes: 5 };
  const signature = { publicKey, signature: signed(privateKey, question, answer) };
  const fits = (about: ShownQuestion, given: ApprovalAnswer) =>
    devices.thatSigned(signedText(about, given), signature) !== null;
  const others: [ShownQuestion, ApprovalAnswer][] = [
    [question, { type: "allow_once" }],
    [question, { type: "allow_minutes", minutes: 500 }],
    [{ ...question, id: newId("apr") }, answer],
    [{ ...question, binding: "1".repeat(64) }, answer],
    [{ ...question, lines: [{ label: "command", text: "make install", from: "agent" }] }, answer],
    [{ ...question, lines: [{ label: "command", text: "make", from: "paddock" }] }, answer],
    [{ ...question, machine: "there" }, answer],
  ];
  assert.equal(fits(question, answer), true);
  assert.deepEqual(
    others.map(([about, given]) => fits(about, given)),
    others.map(() => false),
  );
});

test("a key that is not enrolled, or signs for another, counts for nothing", () => {
  const [own, foreign] = [phone(), phone()];
  const devices = openDevices(join(folder, "foreign.json"), now);
  devices.enrol("phone", own.publicKey, unrecorded);
  const answer = { type: "allow_once" } as const;
  const signature = signed(foreign.privateKey, question, answer);
  for (const { publicKey } of [own, foreign]) {
    assert.equal(devices.thatSigned(signedText(question, answer), { publicKey, signature }), null);
  }
});

test("what is no key, or enrolled already, is refused, and so is a device that cannot be recorded", () => {
  const devices = openDevices(join(folder, "refused.json"), now);
  const { publicKey } = phone();
  const full = () => {
    throw new Error("the disk is full");
  };
  assert.throws(() => devices.enrol("phone", publicKey, full), /the disk is full/);
  assert.deepEqual(devices.list(), []);
  assert.throws(() => devices.enrol("phone", "short", unrecorded), { code: "invalid_input" });
  devices.enrol("a\nb\u202e", publicKey, unrecorded);
  assert.equal(devices.list()[0]?.name, "a\\u{a}b\\u{202e}");
  assert.throws(() => devices.enrol("again", publicKey, unrecorded), { code: "invalid_input" });
});

test("a damaged list is reported, not taken for an empty one", () => {
  const file = join(folder, "damaged.json");
  writeFileSync(file, "{");
  assert.throws(() => openDevices(file), { code: "invalid_config" });
});
