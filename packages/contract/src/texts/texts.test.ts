import assert from "node:assert/strict";
import { test } from "node:test";
import { fill, languageOf, languages, texts } from "./index.ts";

const placesOf = (table: object) =>
  Object.fromEntries(
    Object.entries(table).map(([key, text]) => [
      key,
      [...String(text).matchAll(/\{(\w+)\}/g)].map(([, name]) => name).toSorted(),
    ]),
  );

test("every language has the same texts, with the same places to fill in, and none is empty", () => {
  for (const language of languages) {
    assert.deepEqual(placesOf(texts[language]), placesOf(texts.en));
    assert.deepEqual(
      Object.entries(texts[language]).filter(([, text]) => text.trim() === ""),
      [],
    );
  }
});

test("the language is that of the environment, English where Paddock does not speak it", () => {
  const found = [{ LANG: "zh_CN.UTF-8" }, { LANG: "de_DE.UTF-8" }, { LC_ALL: "C", LANG: "zh_TW" }, {}].map((one) =>
    languageOf(one),
  );
  assert.deepEqual(found, ["zh", "en", "en", "en"]);
  assert.equal(languageOf({ LANG: "de_DE.UTF-8" }, "zh"), "zh");
});

test("what is filled in fills in nothing itself", () => {
  assert.equal(
    fill("{caller} asks on {machine}", { caller: "{machine}", machine: "$& box" }),
    "{machine} asks on $& box",
  );
});
