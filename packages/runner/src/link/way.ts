/** How this runner's hub is reached: the one that the machine has joined, or else the one of the machine itself. */
import type { Way } from "./dial.ts";
import type { KnownHub } from "./known-hub.ts";
import { ownHub } from "./own-hub.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a network needs is loaded only where there is one in between. */
export async function wayToHub(ownSocket: string, known: KnownHub, environment: Environment): Promise<Way> {
  const { joined, folder } = known;
  if (!joined) return ownHub(ownSocket);
  const { remoteHub } = await import("./remote-hub.ts");
  return remoteHub(folder, joined, environment);
}
