/** The owner at the control sockets of hub and runner: what the command line does, without starting it each time. */
import { request } from "node:http";
import { join } from "node:path";
import type { AuditRecord } from "@paddock/contract";
import type { World } from "../world/world.ts";

type Method = "GET" | "POST" | "DELETE";

/** Asks hub or runner; what they answered, whatever it was. */
export function askControl<T>(
  { home }: Pick<World, "home">,
  service: "hub" | "runner",
  method: Method,
  path: string,
  body?: object,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath: join(home, service, "control.sock"), method, path }, async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk as Buffer);
      resolve(JSON.parse(Buffer.concat(chunks).toString()) as T);
    });
    sent.setHeader("content-type", "application/json");
    sent.on("error", reject);
    sent.end(body && JSON.stringify(body));
  });
}

/** The latest records of an audit log, oldest first. */
export async function auditOf(world: World, service: "hub" | "runner"): Promise<AuditRecord[]> {
  return (await askControl<{ records: AuditRecord[] }>(world, service, "GET", "/audit?tail=10000")).records;
}
