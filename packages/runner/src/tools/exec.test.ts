import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { programText } from "../shell/program-text.ts";
import { makeShells } from "./shell.fixture.ts";

const withBwrap = needs("bwrap");

test("the text of a program is one simple command, whatever its words hold", () => {
  assert.equal(
    programText("git", ["push", "a b", "it's", "$X", "", "--x=1"]),
    `exec -- git push 'a b' 'it'\\''s' '$X' '' '--x=1'`,
  );
});

test("arguments arrive as they were given, and nothing in them is expanded", withBwrap, async () => {
  await using at = await makeShells();
  const words = ["$HOME", "`id`", "*", "a  b", "'", '"', "\\", "-n", "", "§\n", "; echo no"];
  const { stdout, stderr, exit_code, cwd } = await at.ask("exec", {
    program: "printf",
    arguments: ["[%s]", ...words],
  });
  assert.deepEqual(
    [stdout, stderr, exit_code, cwd],
    [words.map((word) => `[${word}]`).join(""), "", 0, at.place.workspace],
  );
});

test("functions, aliases, builtins and variables of the shell have no part in it", withBwrap, async () => {
  await using at = await makeShells();
  await at.run("env() { echo taken; }; export -f env; export X=shell; alias env='echo taken'; cd /tmp");
  const { stdout, cwd } = await at.ask("exec", { program: "env" });
  assert.deepEqual([stdout.includes("taken"), stdout.includes("X=shell"), cwd], [false, false, at.place.workspace]);
  assert.equal((await at.ask("exec", { program: "cd", arguments: ["/"] })).exit_code, 127);
});

test(
  "it works in the workspace or the directory named, and keeps a checkpoint where it may change something",
  withBwrap,
  async () => {
    await using at = await makeShells();
    await at.run("mkdir sub");
    const made = await at.ask("exec", { program: "touch", arguments: ["made"], working_directory: "sub" });
    assert.deepEqual([made.exit_code, made.cwd], [0, join(at.place.workspace, "sub")]);
    assert.equal((await at.run("ls sub")).stdout, "made\n");
    await assert.rejects(at.ask("exec", { program: "true", working_directory: "nowhere" }), {
      code: "working_directory_not_found",
    });
  },
);

test("several run at once beside a busy shell, each with its own /tmp", withBwrap, async () => {
  await using at = await makeShells();
  writeFileSync(
    join(at.place.workspace, "meet.sh"),
    "touch $1.here; while [ ! -e $2.here ]; do sleep 0.01; done; ls /tmp/*.own 2>/dev/null; touch /tmp/$1.own\n",
  );
  const meet = (me: string, other: string) => at.ask("exec", { program: "sh", arguments: ["meet.sh", me, other] });
  const both = await Promise.all([meet("a", "b"), meet("b", "a")]);
  assert.deepEqual(
    both.map(({ stdout, exit_code }) => [stdout, exit_code]),
    [
      ["", 0],
      ["", 0],
    ],
  );
});

test("at its limit it is ended with everything it started, and what it printed is told", withBwrap, async () => {
  await using at = await makeShells();
  const { stdout, timed_out, exit_code } = await at.ask("exec", {
    program: "sh",
    arguments: ["-c", "echo before; sleep 600 & sleep 600"],
    timeout_seconds: 1,
  });
  assert.deepEqual([stdout, timed_out, exit_code], ["before\n", true, null]);
});

test(
  "a long output is in the answer with its beginning and end, and the rest is there by its process",
  withBwrap,
  async () => {
    await using at = await makeShells();
    const { stdout, truncated, process_id } = await at.ask("exec", { program: "seq", arguments: ["100000"] });
    assert.deepEqual([truncated, stdout.startsWith("1\n2\n"), stdout.endsWith("99999\n100000\n")], [true, true, true]);
    const rest = await at.ask("process_output", { id: process_id, cursor: "300000.0", max_bytes: 12 });
    assert.match(rest.stdout, /^\d/);
  },
);
