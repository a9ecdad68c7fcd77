import assert from "node:assert/strict";
import { test } from "node:test";
import { isReadOnlyCommand } from "./read-only.ts";

const readOnly = [
  "true",
  "pwd",
  "ls -la src",
  "cat a b | head -3",
  "cat 'a file' 2>/dev/null && git status",
  "git --no-pager log --oneline -5 | cat",
  "grep -rn foo . | wc -l > /dev/null 2>&1",
  "find . -name '*.ts' -type f",
  'echo "$HOME" && cd src; ls *.ts',
  "! test -f x",
  "node --version",
  "export A=1",
];

const changing = [
  "rm x",
  "echo a > b",
  "echo a >> b",
  "cat <> b",
  "ls $(rm x)",
  'echo "$(rm x)"',
  "echo `rm x`",
  "cat <(rm x)",
  "find . -delete",
  "find . -exec rm {} +",
  "find $X",
  "sort -o a b",
  "git commit -m x",
  "git diff --output=x",
  "git -c core.pager=x log",
  "$CMD",
  "l''s; rm x",
  "npm test",
  "node -e 1",
  "if true; then rm x; fi",
  "ls; (rm x)",
  "f() { rm x; }; ls",
  "echo 'unbalanced",
  "./ls",
  "eval ls",
  "env rm x",
  "ls & rm x",
  "cat < a > b",
];

for (const command of readOnly) {
  test(`${command} is seen to change nothing`, () => assert.equal(isReadOnlyCommand(command), true));
}

for (const command of changing) {
  test(`${command} counts as changing`, () => assert.equal(isReadOnlyCommand(command), false));
}
