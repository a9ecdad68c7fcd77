/** Who may ask, put together: tokens, the owner's account, OAuth, and the end of what each of them let in. */
import type { AuditLog } from "@paddock/audit";
import type { Config } from "@paddock/contract";
import { type Access, openAccess } from "./access/access.ts";
import { endWithGrants, type GrantParts, repeatedMs } from "./access/ended-grants.ts";
import { openRemotes, type RemoteOf } from "./access/remote.ts";
import { openTokenStore } from "./access/store.ts";
import { openTokens, type Tokens } from "./access/tokens.ts";
import { type Accounts, openAccounts } from "./accounts/accounts.ts";
import { openAccountStore } from "./accounts/store.ts";
import type { Database } from "./database/database.ts";
import type { Forget } from "./database/retention.ts";
import type { Log } from "./log.ts";
import { type Oauth, type OauthParts, openOauth } from "./oauth/oauth.ts";
import { openOauthStore } from "./oauth/store.ts";

export interface CallerParts extends Pick<OauthParts, "fetchMetadata" | "machines" | "url"> {
  database: Database;
  audit: AuditLog;
  /** Where keys lie. */
  folder: string;
  config: Config;
  log: Log;
  fleet: GrantParts["machines"];
  endStreams: GrantParts["endStreams"];
}

export interface Callers {
  tokens: Tokens;
  accounts: Accounts;
  oauth: Oauth;
  access: Access;
  remoteOf: RemoteOf;
  /** Of tokens and consents; none of which a machine may still have to be told. */
  forget: Forget;
  close(): void;
}

export function openCallers(parts: CallerParts): Callers {
  const { database, audit, config, fleet, endStreams } = parts;
  const onEnd = (principal: string): void => grants.ended(principal);
  const tokens = openTokens(openTokenStore(database), audit, onEnd);
  const remoteOf = openRemotes(config.trusted_proxies);
  const accounts = openAccounts({ ...parts, remoteOf, store: openAccountStore(database) });
  const oauth = openOauth({ ...parts, remoteOf, store: openOauthStore(database), accounts, onEnd });
  const grants = endWithGrants({
    grants: () => [...tokens.list(), ...oauth.consents.list()],
    machines: fleet,
    endStreams,
  });
  const access = openAccess({
    credentials: [tokens, oauth.consents],
    isOver: grants.isOver,
    audit,
    failuresPerMinute: config.failed_credentials_per_minute,
  });
  const forget: Forget = (wanted, limit) => {
    const before = Math.min(wanted, Date.now() - repeatedMs);
    return Math.max(tokens.forget(before, limit), oauth.consents.forget(before, limit));
  };
  return { tokens, accounts, oauth, access, remoteOf, forget, close: grants.close };
}
