import assert from "node:assert/strict";
import { test } from "node:test";
import { systemCallFilter } from "./system-calls.ts";

const allowed = "allowed";

/** What the kernel would make of a call: a small machine for the three kinds of instructions that filters have here. */
function verdict(filter: Buffer, call: { architecture: number; number: number; first?: number }): string | number {
  const shown = new Map([
    [0, call.number],
    [4, call.architecture],
    [16, call.first ?? 0],
  ]);
  let held: number | undefined;
  for (let at = 0; ; at += 8) {
    const [code, value] = [filter.readUInt16LE(at), filter.readUInt32LE(at + 4)];
    if (code === 0x06) return value === 0x7fff0000 ? allowed : value & 0xffff;
    if (code === 0x20) held = shown.get(value);
    else if (!holds(code, held ?? 0, value)) at += filter.readUInt8(at + 3) * 8;
  }
}

const holds = (code: number, held: number, value: number): boolean => (code === 0x15 ? held === value : held >= value);

test("the filter refuses keyrings, vsock and io_uring in both tables, and nothing else", () => {
  const filter = systemCallFilter("x64");
  assert.ok(filter);
  const native = (number: number, first?: number) =>
    verdict(filter, { architecture: 0xc000003e, number, ...(first === undefined ? {} : { first }) });
  const compat = (number: number, first?: number) =>
    verdict(filter, { architecture: 0x40000003, number, ...(first === undefined ? {} : { first }) });
  assert.deepEqual(
    [248, 249, 250, 425, 0x40000029].map((number) => native(number)),
    [1, 1, 1, 38, 38],
  );
  assert.deepEqual(
    [native(41, 40), native(41, 1), native(0), native(59), native(435)],
    [97, allowed, allowed, allowed, allowed],
  );
  assert.deepEqual(
    [288, 102, 425].map((number) => compat(number)),
    [1, 38, 38],
  );
  assert.deepEqual([compat(359, 40), compat(359, 1), compat(41), compat(250)], [97, allowed, allowed, allowed]);
  assert.equal(verdict(filter, { architecture: 0xc00000b7, number: 63 }), 38);
});

test("a machine whose calls are not known here has no filter", () => {
  assert.deepEqual([systemCallFilter("riscv64"), systemCallFilter("arm64") === null], [null, false]);
});
