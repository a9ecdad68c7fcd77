import assert from "node:assert/strict";
import { test } from "node:test";
import { needs } from "../../../../test/needs.ts";
import { described, sendJson } from "./description.fixture.ts";
import { guardedFetch } from "./fetch-metadata.ts";

test("a small answer over https is taken", needs("openssl"), async () => {
  await using client = await described((_, response) => sendJson(response, { client_name: "Test" }));
  assert.deepEqual(await (await client.fetch(client.address("/client.json"))).json(), { client_name: "Test" });
});

test("redirects, errors, endless and stalled answers are not", needs("openssl"), async () => {
  await using client = await described(
    (request, response) => {
      if (request.url === "/away") response.writeHead(302, { location: "http://127.0.0.1/" }).end();
      else if (request.url === "/gone") response.writeHead(404).end();
      else if (request.url === "/declared") response.writeHead(200, { "content-length": String(2 ** 30) }).write("x");
      else if (request.url === "/endless") {
        response.writeHead(200);
        const more = () => {
          while (!response.destroyed && response.write("x".repeat(16_384)));
        };
        response.on("drain", more);
        more();
      } else if (request.url === "/headers") response.writeHead(200, { long: "x".repeat(32_768) }).end("{}");
    },
    { timeoutMs: 1_000 },
  );
  for (const path of ["/away", "/gone", "/endless", "/headers", "/declared", "/stalled"]) {
    await assert.rejects(
      client.fetch(client.address(path)).then((answer) => answer.text()),
      path,
    );
  }
  assert.equal(client.requests.length, 6);
});

test("nothing is connected to unless every address of the name is public", async () => {
  const tried: string[] = [];
  const leading = (...addresses: string[]) =>
    guardedFetch({
      lookup: async (host) => {
        tried.push(host);
        return addresses;
      },
    })("https://client.example/client.json");
  const inside = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "::1", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1"];
  for (const address of inside) {
    await assert.rejects(leading(address), /does not lead to the internet/, address);
    await assert.rejects(leading("1.1.1.1", address), /does not lead to the internet/, address);
  }
  await assert.rejects(leading(), /does not lead to the internet/);
  assert.equal(new Set(tried).size, 1);
  for (const address of ["https://127.0.0.1/c", "https://[::1]/c", "https://2130706433/c", "https://0x7f.1/c"]) {
    await assert.rejects(guardedFetch()(address), /does not lead to the internet/, address);
  }
  for (const address of ["http://client.example/c", "https://user:word@client.example/c", "file:///etc/passwd"]) {
    await assert.rejects(guardedFetch()(address), /plain https/, address);
  }
});

test("a name that takes forever to look up takes no longer than everything together", async () => {
  const hanging = guardedFetch({ lookup: () => new Promise(() => undefined), timeoutMs: 50 });
  await assert.rejects(hanging("https://client.example/c"), { name: "TimeoutError" });
});
