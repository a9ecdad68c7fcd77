/** How a hub that has another key is known again: each key that it had has signed the one after it. */
import { type FormerKey, hubKeyText } from "@paddock/contract/link";
import { isSignedBy } from "./signature.ts";

/** Whether the hub of the key that is known has the other one now. `before`: what it had, oldest first. */
export function leadsTo(known: string, key: string, before: readonly FormerKey[]): boolean {
  const since = before.slice(
    Math.max(
      0,
      before.findIndex((former) => former.key === known),
    ),
  );
  if (since[0]?.key !== known) return false;
  return since.every((former, at) =>
    isSignedBy(former.key, hubKeyText(former.key, since[at + 1]?.key ?? key), former.signature),
  );
}
