import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import type { Definition } from "./definition.ts";
import { definitionOf } from "./for-system.ts";
import type { Work } from "./work.ts";

/** Names with everything that means something to one of the formats. */
const awkward: Work = {
  ...{ name: "paddock", part: "up" },
  argv: [process.execPath, '/opt/a b/%i $HOME "q" <&>\\', "up"],
  environment: { PATH: "/usr/bin:/opt/50% $x/bin", PADDOCK_HOME: '/home/o&o/"<state>"' },
  ...{ state: "/home/o&o/state", user: "o&o", uid: 501, ownerHome: "/home/o&o", configHome: "/home/o&o/.config" },
};

function read(program: string, script: string, { text, encoding }: Definition): unknown {
  return JSON.parse(execFileSync(program, ["-c", script], { input: Buffer.from(text, encoding), encoding: "utf8" }));
}

test("the unit says each word so that systemd reads it as it is", () => {
  const { path, text } = definitionOf("linux", awkward);
  assert.equal(path, "/home/o&o/.config/systemd/user/paddock.service");
  const lines = text.split("\n").filter((line) => /^(ExecStart|Environment)=/.test(line));
  assert.deepEqual(lines, [
    `ExecStart="${process.execPath}" "/opt/a b/%%i $$HOME \\"q\\" <&>\\\\" "up"`,
    'Environment="PATH=/usr/bin:/opt/50%% $x/bin"',
    'Environment="PADDOCK_HOME=/home/o&o/\\"<state>\\""',
  ]);
});

test("systemd has nothing against the unit", needs("systemd-analyze"), () => {
  const folder = mkdtempSync(join(tmpdir(), "paddock-unit-"));
  try {
    for (const part of ["up", "hub", "runner"] as const) {
      const unit = join(folder, `paddock-${part}.service`);
      writeFileSync(unit, definitionOf("linux", { ...awkward, part }).text);
      const { status, stdout, stderr } = spawnSync("systemd-analyze", ["--user", "verify", "--man=no", unit], {
        env: { ...process.env, XDG_RUNTIME_DIR: folder },
        encoding: "utf8",
      });
      assert.deepEqual({ status, stdout, stderr }, { status: 0, stdout: "", stderr: "" });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the launch agent of macOS is a property list that says the same", needs("python3"), () => {
  const definition = definitionOf("darwin", awkward);
  const script = "import json, plistlib, sys; print(json.dumps(plistlib.loads(sys.stdin.buffer.read())))";
  assert.equal(definition.path, "/home/o&o/Library/LaunchAgents/paddock.plist");
  assert.deepEqual(read("python3", script, definition), {
    Label: "paddock",
    ProgramArguments: [...awkward.argv],
    EnvironmentVariables: { ...awkward.environment },
    ...{ RunAtLoad: true, KeepAlive: { SuccessfulExit: false }, ThrottleInterval: 10, ExitTimeOut: 20 },
    ...{ StandardOutPath: "/home/o&o/state/paddock.log", StandardErrorPath: "/home/o&o/state/paddock.log" },
  });
});

test("the task of Windows is XML that says the same", needs("python3"), () => {
  const windows = { ...awkward, argv: ["C:\\Program Files\\node.exe", "C:\\a b\\", 'c"d', "up"], state: "C:\\state" };
  const definition = definitionOf("win32", windows);
  const script = `
import json, sys, xml.etree.ElementTree as tree
root = tree.fromstring(sys.stdin.buffer.read())
print(json.dumps({part.tag.split("}")[1]: part.text for part in root.iter() if part.text.strip()}))`;
  assert.equal(definition.path, "C:\\state\\paddock.xml");
  assert.deepEqual(read("python3", script, definition), {
    Description: "Paddock: agents work on this machine, under its owner's control",
    ...{ Enabled: "true", UserId: "o&o", LogonType: "InteractiveToken", RunLevel: "LeastPrivilege" },
    ...{ MultipleInstancesPolicy: "IgnoreNew", DisallowStartIfOnBatteries: "false", StopIfGoingOnBatteries: "false" },
    ...{ ExecutionTimeLimit: "PT0S", Interval: "PT1M", Count: "5" },
    Command: "C:\\Program Files\\node.exe",
    Arguments: '"C:\\a b\\\\" "c\\"d" up',
  });
});
