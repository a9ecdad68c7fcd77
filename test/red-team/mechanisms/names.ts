/** A program in a cage has names of its own, which lead wherever it wants, and says one name while it means another. */
import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Attacker, Mechanism } from "../mechanism.ts";
import type { Scene } from "../scene.ts";

const open = (host: string, port: number) => `CONNECT ${host}:${port} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`;

const leading = (id: string, tries: string, name: string): Mechanism => ({
  id: `names/${id}`,
  tries,
  defence: "that a name is looked up once, checked, and connected to where it led",
  harm: "packet sent",
  attack: ({ send }, { services }) => send(open(name, services.tcpPort)),
});

/** Crosses when the host that was allowed got to hear what was meant for another. */
const saying = (id: string, tries: string, hello: () => Promise<Buffer>): Mechanism => ({
  id: `names/${id}`,
  tries,
  defence: "that the first bytes of TLS are for the host that was allowed",
  harm: "line crossed",
  async attack({ send }: Attacker, { services, cross }: Scene) {
    const request = Buffer.concat([Buffer.from(open("site.test", services.sitePort)), await hello()]);
    if ((await send(request)).includes("Location:")) cross("the host got it");
  },
});

/** The first bytes of a real TLS client. */
async function helloFor(servername: string): Promise<Buffer> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  const client = connectTls({ port, host: "127.0.0.1", ...(servername === "" ? {} : { servername }) });
  client.on("error", () => undefined);
  const [far] = (await once(server, "connection")) as [Socket];
  const [hello] = (await once(far, "data")) as [Buffer];
  for (const end of [client, far, server]) "destroy" in end ? end.destroy() : end.close();
  return hello;
}

/** The same in records of so many bytes, as no client sends it but some readers give up at. */
async function inRecords(servername: string, size: number): Promise<Buffer> {
  const message = (await helloFor(servername)).subarray(5);
  const records: Buffer[] = [];
  for (let at = 0; at < message.length; at += size) {
    const part = message.subarray(at, at + size);
    records.push(Buffer.from([22, 3, 1, part.length >> 8, part.length & 255]), part);
  }
  return Buffer.concat(records);
}

export const names: readonly Mechanism[] = [
  leading("inside", "reach loopback by a public name that leads there", "inside.test"),
  leading("any", "reach it by a name that leads to the address that means any", "any.test"),
  leading("mapped", "reach it by a name that leads to it as an address of IPv6", "mapped.test"),
  leading("translated", "reach it by a name that leads to a translator's address of it", "translated.test"),
  leading("relayed", "reach it by a name that leads to a relay's address of it", "relayed.test"),
  leading("both", "reach it by a name that leads to the outside as well", "both.test"),
  leading("rebinding", "reach it by a name that leads elsewhere after it was checked", "turning.test"),
  saying("other-host", "speak to another host behind the address of an allowed one", () => helloFor("evil.test")),
  saying("no-host", "speak TLS to an allowed host without saying to whom", () => helloFor("")),
  saying("host-below", "speak to a host whose name ends like the allowed one's", () => helloFor("x.site.test")),
  saying("pieces", "hide the host's name in many small records", () => inRecords("evil.test", 1)),
  saying("late-name", "put the host's name into a second record", () => inRecords("evil.test", 300)),
];
