/** The address can ask for less than the token allows: `?toolset=readonly&workspace=/srv/app`. */
import type { Principal } from "@paddock/contract";
import type { Access } from "../../access/access.ts";

/** Names of the query that are about the caller and not part of any input. */
export const narrowingNames: ReadonlySet<string> = new Set(["toolset", "workspace"]);

/** Throws what `Access.narrow` throws. */
export function narrowed(access: Pick<Access, "narrow">, principal: Principal, query: string): Principal {
  if (query === "") return principal;
  const wish = new URLSearchParams(query);
  return access.narrow(principal, {
    toolset: wish.get("toolset") ?? undefined,
    workspace: wish.get("workspace") ?? undefined,
  });
}
