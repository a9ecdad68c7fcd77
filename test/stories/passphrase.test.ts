/** The owner's passphrase, typed at a real terminal, and those who reach the control socket without knowing it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../needs.ts";
import { rest } from "../world/callers.ts";
import { commandOf, jsonOf } from "../world/command.ts";
import { until } from "../world/until.ts";
import { paddockCommand, startWorld, type World } from "../world/world.ts";

const passphrase = "korrekt häst 电池";

/** A command at a terminal of its own; each answer is typed when so many questions were asked. */
async function atTerminal({ environment, workspace }: World, command: string, ...typed: string[]): Promise<string> {
  const line = `"${process.execPath}" "${paddockCommand}" ${command}`;
  const child = spawn("/usr/bin/script", ["-qec", line, "/dev/null"], { cwd: workspace, env: environment });
  let [said, asked] = ["", 0];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    for (; asked < typed.length && (said.match(/(?:passphrase|more): /gi)?.length ?? 0) > asked; asked += 1)
      child.stdin.write(`${typed[asked]}\r`);
  });
  await new Promise((resolve) => child.on("close", resolve));
  return said.replaceAll("\r", "");
}

const codeOf = (stdout: string): string => JSON.parse(stdout).error?.code ?? "done";

test(
  "with a passphrase nothing is widened without it, and what is typed is never shown",
  needs("bwrap", "script"),
  async () => {
    await using world = await startWorld();
    const paddock = commandOf(world);
    const { call } = await rest(world);
    assert.match(await atTerminal(world, "passphrase set", "short"), /at least 12 characters/);
    assert.match(await atTerminal(world, "passphrase set", passphrase, "another one"), /two different ones/);
    const set = await atTerminal(world, "passphrase set", passphrase, passphrase);
    assert.match(set, /The passphrase is set/);
    assert.ok(!set.includes(passphrase));

    assert.match(await atTerminal(world, "token create --name agent", passphrase), /pad_/);
    const waiting = call("run_command", { command: "echo out", needs: { no_cage: true, reason: "to see" } });

    // A failure of this test is told rather than what it leaves open.
    waiting.catch(() => undefined);
    const asked = () => jsonOf<{ questions: { id: string }[] }>(paddock, "approve");
    const { id } = await until(async () => (await asked()).questions[0]);

    const widening = [
      ["approve", id],
      ["policy", "allow", "--", "ls"],
      ["root", "add", "."],
      ["root", "remove", "/nowhere"],
      ["network", "allow", "a.test"],
      ["device", "enrol", "phone", "A".repeat(43)],
      ["token", "create", "--name", "more"],
      ["passphrase", "clear"],
    ];
    for (const words of widening) {
      const { stdout } = await paddock([...words, "--json"]);
      assert.deepEqual([words[0], codeOf(stdout)], [words[0], "passphrase_required"]);
    }
    assert.match(await atTerminal(world, `approve ${id}`, "not the right one"), /This is not the passphrase/);
    assert.match(await atTerminal(world, `approve ${id}`, passphrase), /Allow once/);
    assert.equal((await waiting).data.stdout, "out\n");

    const again = call("run_command", { command: "echo out", needs: { no_cage: true, reason: "to see" } });
    const next = await until(async () => (await asked()).questions[0]);
    assert.equal(codeOf((await paddock(["approve", next.id, "--deny", "--json"])).stdout), "done");
    assert.equal((await again).data.code, "approval_denied");

    assert.match(await atTerminal(world, "passphrase clear", passphrase), /No passphrase is wanted/);
    assert.equal(codeOf((await paddock(["policy", "allow", "--json", "--", "ls"])).stdout), "done");
    const log = readFileSync(join(world.home, "runner", "audit.jsonl"), "utf8");
    const told = log.split("\n").filter((line) => /"guard"|credential\.failed/.test(line));
    assert.deepEqual(
      told.map((line) => JSON.parse(line)).map(({ event, detail, code }) => [event, detail?.guard ?? code]),
      [
        ["policy.changed", "on"],
        ["credential.failed", "passphrase_wrong"],
        ["policy.changed", "off"],
      ],
    );
    assert.ok(!log.includes(passphrase));
  },
);
