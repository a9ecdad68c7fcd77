import assert from "node:assert/strict";
import { test } from "node:test";
import { PaddockError } from "@paddock/contract";
import { parseAddress } from "./address.ts";

const network = (url: string, shown = url) => ({ type: "network", url, login: null, shown });

const understood: readonly [string, object][] = [
  ["https://example.org/a.git", network("https://example.org/a.git")],
  ["http://example.org:8080/a", network("http://example.org:8080/a")],
  ["ssh://git@example.org/a.git", network("ssh://git@example.org/a.git")],
  ["git@example.org:team/a.git", network("git@example.org:team/a.git")],
  ["example.org:a", network("example.org:a")],
  ["../sibling.git", { type: "local", path: "../sibling.git" }],
  ["/srv/a:b", { type: "local", path: "/srv/a:b" }],
  ["file:///srv/a%20b", { type: "local", path: "/srv/a b" }],
  [
    "https://me:pass%20word@example.org/a",
    {
      type: "network",
      url: "https://example.org/a",
      login: { protocol: "https", host: "example.org", user: "me", password: "pass word" },
      shown: "https://example.org/a (with a login from the address)",
    },
  ],
];

for (const [text, expected] of understood) {
  test(`${text} is understood`, () => assert.deepEqual(parseAddress(text), expected));
}

const refused = [
  "ext::sh -c touch% /tmp/x",
  "fd::17",
  "foo::https://example.org/a",
  "git://example.org/a",
  "ftp://example.org/a",
  "file://other/srv/a",
  "ssh://-oProxyCommand=x/a",
  "ssh://me:secret@example.org/a",
  "-oProxyCommand=x:a",
  "me@-oProxyCommand=x:a",
  "host:-upload-pack=x",
  "--upload-pack=x",
  "https://example.org/a\nb",
  "https://%zz@example.org/",
  "",
];

for (const text of refused) {
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(
      () => parseAddress(text),
      (error) => error instanceof PaddockError && error.code === "git_failed" && !error.message.includes("secret"),
    );
  });
}
