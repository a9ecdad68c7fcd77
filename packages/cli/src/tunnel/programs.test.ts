import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { zipSync } from "fflate";
import { fetchProgram, programFor } from "./programs.ts";

const folder = mkdtempSync(join(tmpdir(), "paddock-programs-"));
after(() => rmSync(folder, { recursive: true }));

const script = Buffer.from("#!/bin/sh\necho carried\n");
const files: Record<string, Uint8Array> = {
  "/plain": script,
  "/packed.zip": zipSync({ "tunnel-client-v0/LICENSE": Buffer.from("free"), "tunnel-client-v0/carrier": script }),
  "/empty.zip": zipSync({ LICENSE: Buffer.from("free") }),
};
const vendor = createServer((request, response) => {
  const found = files[request.url ?? ""];
  response.writeHead(found ? 200 : 404).end(found);
});
let base = "";
before(async () => {
  await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve));
  base = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
});
after(() => vendor.close());

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const releaseOf = (name: string, sum = sha256(files[`/${name}`] ?? script)) => ({
  version: "1",
  base,
  files: { [process.arch]: { name, sha256: sum } },
});

test("a program is fetched, checked and made executable for its owner, also out of an archive", async () => {
  for (const name of ["plain", "packed.zip"]) {
    const into = join(folder, name, "carrier-1");
    assert.equal(await fetchProgram("carrier", releaseOf(name), into), into);
    assert.deepEqual([readFileSync(into), statSync(into).mode & 0o777], [script, 0o700]);
  }
});

test("what is not the file that is known is thrown away", async () => {
  const into = join(folder, "wrong", "carrier-1");
  const cases = [
    [releaseOf("plain", "0".repeat(64)), "wrong_signature"],
    [releaseOf("nowhere"), "unavailable"],
    [releaseOf("empty.zip"), "unavailable"],
    [{ ...releaseOf("plain"), base: "http://127.0.0.1:1" }, "unavailable"],
    [{ ...releaseOf("plain"), files: {} }, "command_not_found"],
  ] as const;
  for (const [release, code] of cases) {
    await assert.rejects(fetchProgram("carrier", release, into), { code }, JSON.stringify(release));
    assert.equal(existsSync(join(folder, "wrong")) && readdirSync(join(folder, "wrong")).length > 0, false);
  }
});

test("the program that its owner names comes first, then a fetched one, then the one on PATH", async () => {
  const own = join(folder, "plain", "carrier-1");
  const wish = { name: "cloudflared", given: undefined, download: false, folder, environment: { PATH: "/nowhere" } };
  assert.equal(await programFor({ ...wish, given: own }), own);
  await assert.rejects(programFor(wish), { code: "command_not_found", message: "cloudflared is not installed." });
  const known = join(folder, "cloudflared-2026.9.3");
  await fetchProgram("cloudflared", releaseOf("plain"), known);
  assert.equal(await programFor(wish), known);
  assert.equal(await programFor({ ...wish, name: "sh", environment: { PATH: "/bin" } }), "sh");
});
