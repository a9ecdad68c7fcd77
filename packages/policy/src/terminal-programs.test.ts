import assert from "node:assert/strict";
import { test } from "node:test";
import { readScript } from "./shell/read-script.ts";
import { mentionsTerminalProgram, wantingIn } from "./terminal-programs.ts";

const wanted = (text: string) =>
  mentionsTerminalProgram(text) ? (wantingIn(readScript(text).invocations)?.program ?? null) : null;

test("programs that want a terminal or a password are found wherever they stand", () => {
  const cases = [
    ["vim a.txt", "vim"],
    ["cd x && /usr/bin/nano a", "nano"],
    ["git log | less", "less"],
    ["env A=1 timeout 5 top", "top"],
    ["sh -c 'passwd'", "passwd"],
    ["sudo apt-get install x", "sudo"],
    ["find . -name x -exec vi {} ;", "vi"],
    ["su - root", "su"],
  ] as const;
  for (const [text, program] of cases) assert.equal(wanted(text), program, text);
});

test("what gets by without is left alone, and so are words that only look like it", () => {
  const texts = [
    "top -bn1",
    "sudo -n true",
    "sudo -nE true",
    "vim -es -c 'q'",
    "vim --version",
    "passwd -S",
    "echo vim less top",
    "grep su /etc/passwd",
    "cat more.txt top.log",
    "git commit -m 'use less'",
    "less() { cat; }; less a",
    "npm test",
  ];
  for (const text of texts) assert.equal(wanted(text), null, text);
});
