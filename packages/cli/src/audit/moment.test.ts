import assert from "node:assert/strict";
import { test } from "node:test";
import { momentOption } from "./moment.ts";

const now = Date.parse("2026-05-02T12:00:00Z");

test("moments are dates, times and how long ago", () => {
  const cases = [
    ["2026-05-01", "2026-05-01T00:00:00.000Z"],
    ["2026-05-01T10:30:00Z", "2026-05-01T10:30:00.000Z"],
    ["2026-05-01T10:30+02:00", "2026-05-01T08:30:00.000Z"],
    ["90m", "2026-05-02T10:30:00.000Z"],
    ["7d", "2026-04-25T12:00:00.000Z"],
  ] as const;
  for (const [text, moment] of cases) assert.equal(momentOption({ since: text }, "since", now), moment);
  assert.equal(momentOption({}, "since", now), undefined);
});

test("what is no moment is refused", () => {
  for (const text of ["yesterday", "2026-13-40", "5", "5w", "1e9d", ""]) {
    assert.throws(() => momentOption({ since: text }, "since", now), { code: "invalid_input" }, text);
  }
});
