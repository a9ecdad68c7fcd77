/** What the inbox needs to serve the owner's browser. */
import type { Accounts } from "../accounts/accounts.ts";
import type { Inbox } from "./inbox.ts";

export interface OwnerPageParts {
  accounts: Pick<Accounts, "visitor" | "visitOf">;
  inbox: Inbox;
  url(): string;
}
