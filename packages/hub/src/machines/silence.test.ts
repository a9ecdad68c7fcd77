import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { protocolVersion } from "@paddock/contract/link";
import type { Wire, WireEvents } from "@paddock/link";
import { about } from "./runner.fixture.ts";
import { type LinkEvents, linkToRunner } from "./runner-link.ts";

/** A wire whose other end says what a test wants, and time that passes when a test says so. */
function connection(test: { after(done: () => void): void }) {
  let at = 0;
  mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const clock = mock.method(performance, "now", () => at);
  test.after(() => {
    mock.timers.reset();
    clock.mock.restore();
  });
  const seen = { pings: 0, cut: null as string | null };
  let events: WireEvents | undefined;
  const wire: Partial<Wire> = {
    isOpen: true,
    waiting: 0,
    listen(next) {
      events = next;
    },
    text() {},
    ping() {
      seen.pings += 1;
    },
    cut(reason) {
      seen.cut ??= reason;
      events?.closed(reason);
    },
  };
  linkToRunner(wire as Wire, "hub", { hello() {}, closed() {} } as Partial<LinkEvents> as LinkEvents);
  return {
    seen,
    hello() {
      const { boot, machine } = { boot: "b", machine: "m" };
      events?.text(JSON.stringify({ type: "hello", version: protocolVersion, boot, machine, about }));
    },
    isAlive: () => events?.alive?.(),
    pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        at += 1_000;
        mock.timers.tick(1_000);
      }
    },
  };
}

test("a runner is asked for a sign of life, lives as long as it gives any, and is gone soon after 45 s without", (context) => {
  const { seen, hello, isAlive, pass } = connection(context);
  hello();
  for (let minutes = 0; minutes < 10; minutes += 1) {
    pass(40);
    isAlive();
    pass(20);
    isAlive();
  }
  assert.deepEqual(seen, { pings: 40, cut: null });
  pass(44);
  assert.equal(seen.cut, null);
  pass(16);
  assert.equal(seen.cut, "the runner fell silent");
});

test("a runner that says no hello is gone after 5 s, whatever else it says", (context) => {
  const { seen, isAlive, pass } = connection(context);
  pass(4);
  isAlive();
  assert.equal(seen.cut, null);
  pass(1);
  assert.equal(seen.cut, "the runner said no hello");
});
