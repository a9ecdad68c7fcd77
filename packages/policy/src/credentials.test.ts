import assert from "node:assert/strict";
import { test } from "node:test";
import { credentialsIn, systemSecrets } from "./credentials.ts";

/** What the predecessor closed, what it should have closed, and what users expect. */
const expected = `.ssh .gnupg .local/share/keyrings .password-store .mozilla .config/google-chrome .config/chromium
  .config/Code/User/globalStorage .npmrc .pypirc .cargo/credentials .docker/config.json .kube .aws .config/gcloud .config/gh
  .config/hub .config/clash .config/clash-verge .netrc .git-credentials .cargo/credentials.toml .azure .env .config/op
  .config/1Password .config/Bitwarden .config/keepassxc .local/share/gopass .bash_history .zsh_history .Xauthority`;

test("the list of credentials has all that it was asked to have, each once and below the home", () => {
  const all = credentialsIn("/home/o/");
  assert.deepEqual(
    expected.split(/\s+/).filter((path) => !all.includes(`/home/o/${path}`)),
    [],
  );
  assert.equal(new Set(all).size, all.length);
  assert.deepEqual(
    [...all, ...systemSecrets].filter((path) => !/^\/[^/]/.test(path) || path.endsWith("/") || path.includes("..")),
    [],
  );
});
