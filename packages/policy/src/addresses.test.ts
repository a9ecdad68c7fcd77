import assert from "node:assert/strict";
import { test } from "node:test";
import { mayReach } from "./addresses.ts";

const publicOnes = ["1.1.1.1", "172.32.0.1", "192.0.1.1", "223.255.255.255", "2606:4700::1111", "2a00::1"];
const internalOnes = [
  "10.1.2.3",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.0.9",
  "172.16.0.1",
  "192.168.1.1",
  "::1",
  "fd00::1",
];
const never = [
  ...["0.0.0.0", "0.1.2.3", "169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "192.0.2.1"],
  ...["192.88.99.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
  // Mapped, compatible, NAT64, Teredo, 6to4, link-local, site-local, multicast, documentation, discard, metadata.
  ...["::", "::ffff:1.1.1.1", "::1.1.1.1", "64:ff9b::1.1.1.1", "64:ff9b:1::1", "2001::1", "2002:101:101::"],
  ...["fe80::1", "fec0::1", "ff02::1", "2001:db8::1", "3fff::1", "100::1", "fd00:ec2::254", "fd20:ce::254", "5f00::1"],
];

test("a name leads to public addresses, and further only where its rule says so", () => {
  const reached = (list: readonly string[], reach: "public" | "internal") =>
    list.filter((one) => mayReach(one, reach, []));
  assert.deepEqual(reached([...publicOnes, ...internalOnes, ...never], "public"), publicOnes);
  assert.deepEqual(reached([...internalOnes, ...never], "internal"), internalOnes);
});

test("an address that the rule itself names is reached, what is none is not", () => {
  assert.deepEqual(
    ["127.0.0.1", "169.254.169.254", "::1"].map((one) => mayReach(one, "named", [])),
    [true, true, true],
  );
  assert.deepEqual(
    ["", "example.com", "fe80::1%eth0", "1.2.3"].map((one) => mayReach(one, "named", [])),
    [false, false, false, false],
  );
});

test("the machine's own addresses are its inside, whatever they are", () => {
  const own = ["1.1.1.1"];
  assert.deepEqual([mayReach("1.1.1.1", "public", own), mayReach("1.1.1.1", "internal", own)], [false, true]);
});

test("what is written in another form than sockets do is no address", () => {
  const odd = [
    "01.1.1.1",
    "1.1.1.256",
    "0x1.1.1.1",
    "16843009",
    "1::2::3",
    "2606:4700",
    "2606:4700:::1",
    "12345::",
    "::1.2.3",
  ];
  const whole = "2606:4700:0:0:0:0:0:1111:1";
  assert.deepEqual(
    [...odd, whole].filter((one) => mayReach(one, "named", [])),
    [],
  );
});
