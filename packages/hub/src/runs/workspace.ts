/** Which root a call works in. */
import { PaddockError, type Principal } from "@paddock/contract";

/** A principal that is bound to workspaces works in the first of them unless it names another of them. */
export function workspaceFor({ workspaces }: Principal, wish: string | undefined): string | undefined {
  if (workspaces.length === 0) return wish;
  if (wish !== undefined && !workspaces.includes(wish)) {
    throw new PaddockError(
      "forbidden",
      "The token is not for that workspace.",
      `Use one of: ${workspaces.join(", ")}.`,
    );
  }
  return wish ?? workspaces[0];
}
