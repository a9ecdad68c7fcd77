/**
 * The owner as a person with a browser: an account, signing in, and the pages for it. The library behind it is loaded with
 * the first request that needs it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { AuditLog } from "@paddock/audit";
import { type Config, ownerId, PaddockError } from "@paddock/contract";
import { countFailures } from "../access/failed-credentials.ts";
import type { RemoteOf } from "../access/remote.ts";
import { languageFor } from "../surfaces/html.ts";
import { sessionKey } from "../surfaces/mcp/sessions.ts";
import type { Owner } from "./owner.ts";
import { openSetUpCodes } from "./set-up.ts";
import type { AccountStore } from "./store.ts";
import type { Visit } from "./visit.ts";

export interface AccountParts {
  store: AccountStore;
  audit: Pick<AuditLog, "write" | "writeDurably" | "mustBeWritable">;
  /** Where the key lies that signs what browsers hold. */
  folder: string;
  /** The address that browsers use. */
  url(): string;
  remoteOf: RemoteOf;
  config: Pick<Config, "failed_credentials_per_minute" | "language">;
}

/** A browser that is signed in as the owner. */
export interface Visitor {
  /** For a form of this purpose; it shows that the page which sends it was made for this sign-in. */
  proof(purpose: string): string;
}

export interface Accounts {
  /** Whether an address is one of its pages. */
  serves(path: string): boolean;
  handle(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Null when nobody is signed in. Throws needs_owner for a request with a token: it stands for nobody here. */
  visitor(request: IncomingMessage): Promise<Visitor | null>;
  visitOf(request: IncomingMessage, response: ServerResponse): Visit;
  exists(): Promise<boolean>;
  /** A code for `/set-up`. */
  makeCode(now: number): { url: string; expiresAt: string };
  /** On the machine itself. Throws invalid_input. */
  setPassword(password: string): Promise<void>;
}

const pages: ReadonlySet<string> = new Set(["/sign-in", "/sign-out", "/set-up"]);

export function openAccounts(parts: AccountParts): Accounts {
  const { store, audit, folder, url, remoteOf, config } = parts;
  const codes = openSetUpCodes();
  const attempts = countFailures(config.failed_credentials_per_minute);
  let loading: Promise<{ owner: Owner; secret: string }> | null = null;
  const loaded = () => {
    loading ??= load({ store, folder, url });
    return loading;
  };
  const visitOf = (request: IncomingMessage, response: ServerResponse): Visit => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    const language = languageFor(request.headers["accept-language"], config.language);
    return { request, response, path: pathname, query: searchParams, language };
  };
  return {
    serves: (path) => pages.has(path),
    async handle(request, response) {
      const [{ answerPage }, { owner }] = await Promise.all([import("./pages.ts"), loaded()]);
      await answerPage(visitOf(request, response), { owner, codes, attempts, remoteOf, audit, url });
    },
    visitOf,
    async visitor({ headers }) {
      if (headers.authorization !== undefined) throw noToken();
      // Nobody is signed in without a cookie, and the library need not be asked.
      if (headers.cookie === undefined) return null;
      const [{ proofOf }, { owner, secret }] = await Promise.all([import("./forms.ts"), loaded()]);
      const found = await owner.signedIn(headers.cookie);
      return found && { proof: (purpose) => proofOf(secret, found, purpose) };
    },
    exists: async () => (await loaded()).owner.exists(),
    makeCode(now) {
      const { code, expiresAt } = codes.make(now);
      return { url: `${url()}/set-up#${code}`, expiresAt };
    },
    async setPassword(password) {
      await (await loaded()).owner.setPassword(password);
      audit.writeDurably({ event: "owner.password_set", principal: ownerId, detail: { on: "the machine" } });
    },
  };
}

const noToken = (): PaddockError =>
  new PaddockError("needs_owner", "No token can do what the owner does in a browser.", "Sign in with a browser.");

async function load({ store, folder, url }: Pick<AccountParts, "store" | "folder" | "url">) {
  const [{ openOwner }, key] = await Promise.all([import("./owner.ts"), sessionKey(join(folder, "account.key"))]);
  const secret = key.toString("base64url");
  return { owner: openOwner({ store, url: url(), secret }), secret };
}
