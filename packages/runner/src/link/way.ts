/** How this runner's hub is reached: the one that the machine has joined, or else the one of the machine itself. */
import type { Way } from "./dial.ts";
import type { JoinedHub } from "./joined.ts";
import { ownHub } from "./own-hub.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What a network needs is loaded only where there is one in between. */
export async function wayToHub(ownSocket: string, joined: JoinedHub | null, environment: Environment): Promise<Way> {
  if (!joined) return ownHub(ownSocket);
  const { remoteHub } = await import("./remote-hub.ts");
  return remoteHub(joined, environment);
}
