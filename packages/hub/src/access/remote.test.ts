import assert from "node:assert/strict";
import type { IncomingMessage } from "node:http";
import { test } from "node:test";
import { openRemotes } from "./remote.ts";

/** What counts as the origin of a request of that peer with that header. */
function seen(trusted: string[], peer: string, forwarded?: string): string {
  const headers = forwarded === undefined ? {} : { "x-forwarded-for": forwarded };
  return openRemotes(trusted)({ headers, socket: { remoteAddress: peer } as IncomingMessage["socket"] });
}

test("without a trusted proxy the header says nothing", () => {
  assert.equal(seen([], "192.0.2.1", "203.0.113.9"), "192.0.2.1");
  assert.equal(seen(["10.0.0.1"], "192.0.2.1", "203.0.113.9"), "192.0.2.1");
  assert.equal(seen([], "::ffff:192.0.2.1"), "192.0.2.1");
});

test("a trusted proxy says where its request came from, and what the client wrote before that counts for nothing", () => {
  const proxies = ["127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48"];
  const cases: [peer: string, forwarded: string | undefined, remote: string][] = [
    ["127.0.0.1", "203.0.113.9", "203.0.113.9"],
    ["::ffff:127.0.0.1", "::ffff:203.0.113.9", "203.0.113.9"],
    ["127.0.0.1", "198.51.100.1, 203.0.113.9", "203.0.113.9"],
    ["127.0.0.1", "127.0.0.1, 203.0.113.9", "203.0.113.9"],
    ["127.0.0.1", "198.51.100.1,203.0.113.9,10.1.2.3", "203.0.113.9"],
    ["2001:db8:1::7", "2001:db8:2::5", "2001:db8:2::5"],
    ["127.0.0.1", "10.1.2.3", "10.1.2.3"],
    ["127.0.0.1", undefined, "127.0.0.1"],
    ["127.0.0.1", "", "127.0.0.1"],
    ["127.0.0.1", "203.0.113.9, unknown", "127.0.0.1"],
    ["127.0.0.1", "203.0.113.9, 203.0.113.9:1234", "127.0.0.1"],
    ["127.0.0.1", `${"203.0.113.9, ".repeat(1_000)}198.51.100.7`, "198.51.100.7"],
    ["127.0.0.1", Array(1_000).fill("10.1.2.3").join(","), "10.1.2.3"],
  ];
  for (const [peer, forwarded, remote] of cases)
    assert.equal(seen(proxies, peer, forwarded), remote, `${peer} ${forwarded?.slice(0, 80)}`);
});
