/** What a hub says, or nothing where it is no frame. */
import { type HubFrame, hubFrame } from "@paddock/contract/link";

export function readFrame(text: string): HubFrame | null {
  try {
    return hubFrame.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
