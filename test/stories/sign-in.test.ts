/** Clients that sign in, as the official SDKs do it of themselves, against the whole of Paddock. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as HttpV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { type Browser, browserAt, consent, password } from "../../packages/hub/src/oauth/oauth.fixture.ts";
import { needs } from "../needs.ts";
import { commandOf } from "../world/command.ts";
import { commandLines, until } from "../world/until.ts";
import { startWorld, type World } from "../world/world.ts";

const clientInfo = { name: "story", version: "1.0.0" };

async function ownerAt(world: World): Promise<Browser> {
  const made = await commandOf(world)(["owner", "create", "--stdin"], { input: `${password}\n` });
  assert.deepEqual([made.exitCode, made.stdout], [0, "The password is set.\n"]);
  const browser = browserAt(world);
  await browser.post("/sign-in", { password });
  return browser;
}

/** What a client keeps of its sign-in; both SDKs take it. */
class Kept {
  readonly redirectUrl = "http://127.0.0.1/callback";
  readonly clientMetadata = { client_name: "Story", redirect_uris: [this.redirectUrl] };
  // biome-ignore lint/suspicious/noExplicitAny: the two SDKs have types of their own for the same
  client: any;
  // biome-ignore lint/suspicious/noExplicitAny: likewise
  given: any;
  asked: URL | null = null;
  #verifier = "";
  clientInformation() {
    return this.client;
  }
  saveClientInformation(client: unknown) {
    this.client = client;
  }
  tokens() {
    return this.given;
  }
  saveTokens(tokens: unknown) {
    this.given = tokens;
  }
  redirectToAuthorization(address: URL) {
    this.asked = address;
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
}

const sdks = {
  "SDK 2": {
    transport: (url: URL, kept: Kept) => new HttpV2(url, { authProvider: kept }),
    client: () => new ClientV2(clientInfo),
  },
  "SDK 1": {
    transport: (url: URL, kept: Kept) => new HttpV1(url, { authProvider: kept }),
    client: () => new ClientV1(clientInfo),
  },
} as const;

interface SdkClient {
  connect(transport: unknown): Promise<void>;
  callTool(call: { name: string; arguments: object }): Promise<unknown>;
  close(): Promise<void>;
}

async function signedIn(world: World, browser: Browser, sdk: keyof typeof sdks) {
  const kept = new Kept();
  const url = new URL(`${world.address}/mcp`);
  const first = sdks[sdk].transport(url, kept);
  await assert.rejects((sdks[sdk].client() as SdkClient).connect(first), /Unauthorized|authoriz/i);
  const asked = kept.asked;
  if (asked === null) throw new Error("The client did not ask to be let in.");
  const led = await consent(browser, asked.pathname + asked.search);
  await first.finishAuth(led.searchParams.get("code") ?? "", led.searchParams.get("iss") ?? "");
  const client = sdks[sdk].client() as SdkClient;
  await client.connect(sdks[sdk].transport(url, kept));
  return { client, kept };
}

for (const sdk of ["SDK 2", "SDK 1"] as const) {
  test(
    `${sdk} signs in by itself, works, renews its token, and is out when the owner says so`,
    needs("bwrap"),
    async () => {
      await using world = await startWorld();
      const browser = await ownerAt(world);
      const { client, kept } = await signedIn(world, browser, sdk);
      const call = (name: string, input: object = {}) => client.callTool({ name, arguments: input });
      assert.equal(((await call("agent_status")) as { isError?: boolean }).isError ?? false, false);
      const sleeping = sdk === "SDK 2" ? "sleep 5711" : "sleep 5712";
      await call("start_process", { command: sleeping });
      const runs = () => commandLines().some((line) => line.trim() === sleeping);
      await until(runs);

      const before = kept.given;
      kept.given = { ...before, access_token: "one that has expired" };
      await call("agent_status");
      assert.notEqual(kept.given.refresh_token, before.refresh_token, "renewed");

      const { consents } = JSON.parse(await world.paddock("client", "list", "--json"));
      assert.deepEqual(
        consents.map(({ name, toolset }: Record<string, string>) => [name, toolset]),
        [["Story (127.0.0.1)", "core"]],
      );
      const { findings } = JSON.parse((await commandOf(world)(["doctor", "--json"])).stdout);
      const called = findings.find(({ what }: { what: string }) => what.startsWith("a client has called"));
      assert.equal(called?.state, "ok", "whoever signed in counts as a client, too");
      assert.match(await world.paddock("client", "show", consents[0].id), /http:\/\/127\.0\.0\.1\/callback/);
      const stream = await fetch(`${world.address}/mcp`, {
        headers: { authorization: `Bearer ${kept.given.access_token}`, accept: "text/event-stream" },
      });
      const streamEnd = stream.text();
      await world.paddock("client", "revoke", consents[0].id);
      await streamEnd;
      await until(() => !runs());
      await assert.rejects(call("agent_status"));
      await client.close();
    },
  );
}

test("the command line makes the account by a link, and clients known by hand", async () => {
  await using world = await startWorld();
  const run = commandOf(world);
  const made = await run(["owner", "create", "--json"]);
  assert.match(JSON.parse(made.stdout).url, new RegExp(`^${world.address}/set-up#[\\w-]{27}$`));
  assert.equal((await run(["owner", "reset"])).exitCode, 4, "there is none yet");
  assert.equal((await run(["owner", "create", "--stdin"], { input: "short\n" })).exitCode, 2);
  await ownerAt(world);
  const again = await run(["owner", "create"]);
  assert.deepEqual([again.exitCode, again.stderr.includes("paddock owner reset")], [2, true]);

  const redirect = "https://client.example/callback";
  const added = JSON.parse(
    (await run(["client", "add", "gpt", "--redirect", redirect, "--secret", "post", "--json"])).stdout,
  );
  assert.deepEqual([added.name, added.redirects, added.secret.length], ["gpt", [redirect], 43]);
  const list = await world.paddock("client", "list");
  assert.deepEqual([list.includes("not let in yet"), list.includes(added.secret)], [true, false]);
  assert.match(await world.paddock("client", "show", added.id), /client\.example/);
  assert.match(await world.paddock("client", "revoke", added.id), /forgotten/);
  assert.equal((await run(["client", "show", added.id])).exitCode, 4);
  assert.equal((await run(["client", "add", "bad", "--redirect", "http://client.example/"])).exitCode, 2);
});
