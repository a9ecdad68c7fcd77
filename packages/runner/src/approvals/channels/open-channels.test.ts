import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type ConfigKey, maskSecrets, resolveConfig } from "@paddock/contract";
import { openInbox, questionOf } from "./channels.fixture.ts";
import { openChannels, secretFiles } from "./open-channels.ts";

const home = mkdtempSync(join(tmpdir(), "pc-"));
after(() => rmSync(home, { recursive: true }));
const secret = "a-secret-that-nobody-knows";
writeFileSync(join(home, "secret"), `${secret}\n`, { mode: 0o600 });

const configOf = (file: Record<string, unknown>) => resolveConfig({ environment: {}, file }).values;

function open(file: Record<string, unknown>) {
  const { answer, refused, log } = openInbox().parts;
  const configured = Object.keys(file) as ConfigKey[];
  return openChannels({ config: configOf(file), configured, home, environment: {}, answer, refused, log });
}

const ntfy = { ntfy_url: "https://ntfy.example.org", ntfy_topic: "box", ntfy_token_file: "secret" };
const webhook = { webhook_url: "http://127.0.0.1:1/hook", webhook_secret_file: "secret" };

test("a machine where nothing is set up asks on the desktop, and else in the inbox", async () => {
  const channels = open({});
  assert.deepEqual(
    (await channels.list()).map(({ name }) => name),
    ["desktop"],
  );
  assert.equal(await channels.show(questionOf(), new AbortController().signal), "told");
});

test("a channel that is not in the order still carries messages", async () => {
  const channels = open({ ...webhook, approval_channels: ["inbox"] });
  assert.deepEqual((await channels.list()).map(({ name }) => name).toSorted(), ["desktop", "webhook"]);
});

const faulty: Record<string, [settings: Record<string, unknown>, RegExp]> = {
  "an order that names what is not set up": [{ approval_channels: ["ntfy"] }, /names ntfy, which is not set up/],
  "a topic without a server": [{ ntfy_topic: "box" }, /ntfy_url and ntfy_topic are of use only together/],
  "a webhook without a secret": [{ webhook_url: "https://x.example" }, /webhook_url and webhook_secret_file/],
  "a server in clear text": [{ ...ntfy, ntfy_url: "http://ntfy.example.org" }, /ntfy_url is not https/],
  "a password in an address": [{ ...ntfy, ntfy_url: "https://a:b@ntfy.example.org" }, /ntfy_url holds a user name/],
  "a secret file that is not there": [{ ...ntfy, ntfy_token_file: "nothing" }, /nothing is not there/],
  "a secret file that others can read": [{ ...ntfy, ntfy_token_file: "open" }, /open can be read by others/],
  "a folder in the place of a secret": [{ ...ntfy, ntfy_token_file: "folder" }, /folder is no file/],
  "an empty secret": [{ ...ntfy, ntfy_token_file: "empty" }, /empty holds no secret/],
};
writeFileSync(join(home, "open"), secret);
chmodSync(join(home, "open"), 0o644);
writeFileSync(join(home, "empty"), "\n", { mode: 0o600 });
mkdirSync(join(home, "folder"), { mode: 0o700 });

for (const [what, [settings, message]] of Object.entries(faulty)) {
  test(`${what} stops the start`, () => {
    assert.throws(() => open(settings), { code: "invalid_config", message });
  });
}

test("an order of unknown channels is no valid setting", () => {
  for (const order of [["email"], ["desktop+"], [], ["desktop,ntfy "]]) {
    assert.throws(() => configOf({ approval_channels: order }), /approval_channels/);
  }
});

test("the secrets of channels are hidden from cages and from whatever is written", () => {
  open({ ...ntfy, ...webhook });
  assert.deepEqual(secretFiles(configOf({ ...ntfy, webhook_secret_file: "/etc/hook" }), home), [
    join(home, "secret"),
    "/etc/hook",
  ]);
  assert.doesNotMatch(maskSecrets(`it said ${secret} aloud`), new RegExp(secret));
});
