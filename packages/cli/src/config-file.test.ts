import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { changeSetting, dropOldBackups } from "./config-file.ts";

function place(text: string | null) {
  const folder = mkdtempSync(join(tmpdir(), "paddock-config-"));
  const file = join(folder, "config.toml");
  if (text !== null) writeFileSync(file, text);
  let minute = 0;
  const set = (key: string, value: string | null) => {
    minute += 1;
    changeSetting(file, key, value, new Date(Date.UTC(2026, 0, 1, 0, minute)));
    return readFileSync(file, "utf8");
  };
  const backups = () =>
    readdirSync(join(folder, "backups")).map((name) => readFileSync(join(folder, "backups", name), "utf8"));
  return { file, set, backups, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

test("a setting is added, changed and taken out, and all else stays as it was written", () => {
  using at = place('# mine\nport = 1 # here\nhidden_paths = [\n  ".env", # secret\n  "keys",\n]\nnetwork = "none"\n');
  const rest = '# mine\nport = 1 # here\nnetwork = "none"\n';
  assert.equal(at.set("hidden_paths", '["a"]'), `${rest}hidden_paths = [ "a" ]\n`);
  assert.equal(at.set("hidden_paths", null), rest);
  assert.equal(at.set("network", "open"), '# mine\nport = 1 # here\nnetwork = "open"\n');
  assert.equal(at.set("checkpoints", "false"), '# mine\nport = 1 # here\nnetwork = "open"\ncheckpoints = false\n');
  assert.equal(statSync(at.file).mode & 0o777, 0o600);
});

test("a file is made where there is none, and as many former ones are kept as is wanted", () => {
  using at = place(null);
  for (let port = 1; port <= 8; port += 1) assert.equal(at.set("port", String(port)), `port = ${port}\n`);
  dropOldBackups(at.file, 5);
  assert.deepEqual(
    at.backups(),
    [3, 4, 5, 6, 7].map((port) => `port = ${port}\n`),
  );
  dropOldBackups(at.file, 0);
  assert.deepEqual(at.backups(), []);
});

test("what is no setting, and no value of one, changes nothing", () => {
  using at = place("port = 1\n");
  const refused = (key: string, value: string, error: object) => {
    assert.throws(() => at.set(key, value), error);
    assert.equal(readFileSync(at.file, "utf8"), "port = 1\n");
  };
  refused("netwrk", "2", { code: "invalid_input", nextStep: "Did you mean `network`?" });
  refused("__proto__", "2", { code: "invalid_input" });
  refused("port", "many", { code: "invalid_config", message: /port/ });
  refused("sandbox", '"bwrap"\nport = 3', { code: "invalid_config", message: /sandbox/ });
});
