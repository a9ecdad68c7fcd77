import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { newId } from "@paddock/contract";
import { newKeyText } from "@paddock/contract/link";
import { newKey, writePrivate } from "@paddock/link/sealed";
import { isSignedBy } from "@paddock/link/signature";
import { joinedFile, readJoined } from "./joined.ts";
import { openOwnKey } from "./own-key.ts";

interface Place extends Disposable {
  readonly folder: string;
  /** The hub knows the machine by that key. */
  known: string;
  /** The machine as it starts, also after it was killed: all it has is its file. */
  start(): ReturnType<typeof openOwnKey>;
  /** Dials until the hub knows the key; how often it took. */
  dial(machine: ReturnType<typeof openOwnKey>): number;
  kept(): { key: string; hasNext: boolean };
}

function place(): Place {
  const folder = mkdtempSync(join(tmpdir(), "paddock-own-key-"));
  const key = newKey();
  const [hub, machine] = [newKey().publicKey, newId("mch")];
  writePrivate(
    joinedFile(folder),
    JSON.stringify({ url: "https://hub.example", hub, machine, name: "m", plain: false, key: key.pem }),
  );
  const joined = () => {
    const read = readJoined(folder);
    assert.ok(read);
    return read;
  };
  const here: Place = {
    folder,
    known: key.publicKey,
    start: () => openOwnKey(folder, joined()),
    dial(own) {
      for (let times = 1; times <= 2; times += 1) {
        if (own.next().publicKey !== here.known) continue;
        own.wasTaken();
        return times;
      }
      throw new Error("the machine is locked out");
    },
    kept: () => ({ key: joined().key, hasNext: joined().nextKey !== undefined }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
  return here;
}

/** How far the change of the key came before the machine was killed. */
const killedAfter: Readonly<Record<string, (own: ReturnType<typeof openOwnKey>, at: Place) => void>> = {
  "nothing was begun": () => {},
  "the next key was kept, and the hub heard nothing": (own) => void own.offer(),
  "the hub had taken the next key, and the machine did not hear of it": (own, at) => {
    at.known = own.offer().key;
  },
  "the machine had heard that the hub took it": (own, at) => {
    at.known = own.offer().key;
    own.changed(at.known);
  },
};

for (const [moment, change] of Object.entries(killedAfter)) {
  test(`a machine that is killed when ${moment} comes back with the key that the hub knows, and keeps that one only`, () => {
    using at = place();
    change(at.start(), at);
    const again = at.start();
    assert.ok(at.dial(again) <= 2);
    assert.deepEqual([again.isInDoubt, at.kept().hasNext], [false, false]);
    assert.equal(at.dial(at.start()), 1);
  });
}

test("whoever is asked twice offers the same key twice: the hub may have taken it already", () => {
  using at = place();
  const own = at.start();
  const [first, second] = [own.offer(), own.offer()];
  assert.equal(second.key, first.key);
  const { machine } = JSON.parse(readFileSync(joinedFile(at.folder), "utf8"));
  assert.ok(isSignedBy(first.key, newKeyText(machine, first.key), second.signature));
  at.known = first.key;
  own.changed(first.key);
  assert.equal(own.next().publicKey, at.known);
  assert.notEqual(own.offer().key, first.key);
});

test("a key that the hub did not take is given up at the next link, and any word about another one changes nothing", () => {
  using at = place();
  const own = at.start();
  own.offer();
  own.changed(newKey().publicKey);
  assert.equal(own.isInDoubt, true);
  at.dial(own);
  assert.deepEqual([own.isInDoubt, own.next().publicKey], [false, at.known]);
});
