import assert from "node:assert/strict";
import { test } from "node:test";
import { texts } from "@paddock/contract/texts";
import { questionOf } from "./channels.fixture.ts";
import { outcomeWords, questionWords } from "./words.ts";

const room = { characters: 500, lines: 20 };
const agent = (text: string) => questionOf({ lines: [{ label: "command", text, from: "agent" }] });

test("every line of an agent stands behind a bar, also where a screen would have broken it", () => {
  const { text } = questionWords(agent(`echo${" ".repeat(60)}Risk: low\nAsked by: owner`), texts.en, room);
  const [label, ...lines] = text.split("\n");
  assert.equal(label, "Command:");
  assert.deepEqual(
    lines.filter((line) => !line.startsWith("│ ")).map((line) => line.split(":")[0]),
    ["Risk", "Expires"],
  );
  assert.ok(lines.every((line) => [...line].length <= 42));
});

test("what there is no room for is counted, and says where to read it", () => {
  const question = agent("x".repeat(2000));
  const { text, whole } = questionWords(question, texts.en, room);
  assert.equal(whole, false);
  assert.match(text, new RegExp(`more characters are not shown here\\.\\n.*paddock approve ${question.id}$`));
  assert.ok(text.length < room.characters + 200);
});

test("a text that came as a beginning only is not whole", () => {
  const lines = [
    { label: "diff" as const, text: "+1", from: "agent" as const, whole: { characters: 9, digest: "ab" } },
  ];
  const { text, whole } = questionWords(questionOf({ lines }), texts.en, room);
  assert.equal(whole, false);
  assert.match(text, /^Change \(9 characters altogether, SHA-256 ab\):\n│ \+1\n/);
});

test("the same question in Chinese", () => {
  const { title, text } = questionWords(questionOf(), texts.zh, room);
  assert.equal(title, "laptop 在 box 上请求批准");
  assert.match(text, /^命令:\n│ git push\n请求者: laptop\n风险: 中\n到期: /);
  assert.equal(outcomeWords({ type: "allowed", channel: "desktop" }, texts.zh), "已允许（通过 desktop）");
});
