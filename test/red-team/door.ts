/**
 * The way out of a cage as a program in it has it, with a name server of the attacker's: names cannot be made to lead
 * anywhere on a machine whose own name server is asked.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { makeEgress } from "../../packages/runner/src/egress/egress.fixture.ts";
import type { Agent } from "./agent.ts";
import { addressesOf, insideOf, publicOf } from "./names.ts";
import type { Services } from "./services.ts";

const notHere = () => Promise.reject(new Error("Whoever has but the way out cannot do this."));

export async function openDoor(services: Services, open: AsyncDisposableStack): Promise<Agent> {
  const egress = open.use(
    await makeEgress({ allow: publicOf(services), internal: insideOf(services), lookUp: addressesOf }),
  );
  let heard = "";
  const isTold = (host: string | undefined) =>
    egress.records().some(({ event, detail }) => event === "network.refused" && detail?.host === host);
  const agent: Agent = {
    ...{ token: "", runs: [], call: notHere, sh: notHere, http: notHere, say: notHere, restart: notHere },
    owner: { reads: notHere, allows: notHere, denies: notHere, approvesContent: notHere },
    another: async () => agent,
    enter: () => {
      heard = "";
    },
    get heard() {
      return heard;
    },
    async send(bytes) {
      const answer = await said(await egress.dial(), bytes);
      heard += `${answer}\n`;
      const host = /^CONNECT (\S+)/.exec(String(bytes))?.[1];
      assert.ok(isTold(host), `no record tells of ${host}`);
      return answer;
    },
  };
  return agent;
}

/** The same to a port of this machine. */
export async function sent(port: number, bytes: string | Buffer): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  return said(socket, bytes);
}

const longestMs = 8_000;

/** Sends a request, what follows an empty line only when it was answered, and gives back all that comes. */
async function said(socket: Socket, bytes: string | Buffer): Promise<string> {
  socket.on("error", () => undefined).setTimeout(longestMs, () => socket.destroy());
  const whole = Buffer.from(bytes);
  const end = whole.indexOf("\r\n\r\n") + 4;
  socket.write(whole.subarray(0, end));
  const rest = whole.subarray(end);
  if (rest.length > 0) {
    const [first] = (await once(socket, "data").catch(() => [Buffer.alloc(0)])) as [Buffer];
    socket.end(rest);
    return `${first}${await text(socket).catch(() => "")}`;
  }
  return text(socket).catch(() => "");
}
