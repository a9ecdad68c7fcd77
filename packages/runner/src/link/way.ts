/** How this runner's hub is reached: the one that the machine has joined, or else the one of the machine itself. */
import type { AuditSink } from "@paddock/audit";
import type { Way } from "./dial.ts";
import type { KnownHub } from "./known-hub.ts";
import { ownHub } from "./own-hub.ts";

type Environment = Readonly<Record<string, string | undefined>>;

type Known = Pick<KnownHub, "joined" | "folder"> & { audit: AuditSink };

/** What a network needs is loaded only where there is one in between. */
export async function wayToHub(ownSocket: string, known: Known, environment: Environment): Promise<Way> {
  const { joined, ...parts } = known;
  if (!joined) return ownHub(ownSocket);
  const { remoteHub } = await import("./remote-hub.ts");
  return remoteHub({ ...parts, joined }, environment);
}
