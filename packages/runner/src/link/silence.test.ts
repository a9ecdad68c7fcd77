import assert from "node:assert/strict";
import { mock, test } from "node:test";
import type { Wire, WireEvents } from "@paddock/link";
import { openPeer, type PeerParts } from "./peer.ts";

interface Timer {
  due: number;
  act(): void;
}

/** A hub at the other end of a wire, and time that passes when a test says so: `mock.timers` know no `refresh`. */
function linked(via: PeerParts["via"]) {
  let now = 0;
  const timers = new Set<Timer>();
  const start = (act: () => void, ms = 0) => {
    const timer = { due: now + ms, act };
    timers.add(timer);
    const shown = {
      unref: () => shown,
      refresh() {
        timer.due = now + ms;
      },
    };
    return shown;
  };
  const replaced = mock.method(globalThis, "setTimeout", start as unknown as typeof setTimeout);
  const seen = { cut: null as string | null };
  let events: WireEvents | undefined;
  const wire: Partial<Wire> = {
    isOpen: true,
    listen(next) {
      events = next;
    },
    text() {},
    cut(reason) {
      seen.cut ??= reason;
    },
  };
  const heads = { onWord: () => () => {} };
  try {
    openPeer(wire as Wire, { via, boot: "b", machine: "m", about: () => ({}), heads } as unknown as PeerParts);
  } finally {
    replaced.mock.restore();
  }
  return {
    seen,
    isAlive: () => events?.alive?.(),
    pass(seconds: number) {
      now += seconds * 1_000;
      for (const timer of timers) if (timer.due <= now && timers.delete(timer)) timer.act();
    },
  };
}

test("a hub lives as long as anything comes from it, and is gone 45 s after the last", () => {
  const { seen, isAlive, pass } = linked("hub");
  for (let times = 0; times < 20; times += 1) {
    pass(44);
    isAlive();
  }
  pass(44);
  assert.equal(seen.cut, null);
  pass(1);
  assert.equal(seen.cut, "the hub fell silent");
});

test("a client of this machine may be silent for as long as it likes", () => {
  const { seen, pass } = linked("attached");
  pass(3_600);
  assert.equal(seen.cut, null);
});
