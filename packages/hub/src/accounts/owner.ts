/** The owner's account: one person, a password, and the browsers that are signed in with it. */
import { PaddockError } from "@paddock/contract";
import { betterAuth } from "better-auth/minimal";
import { accountRecords } from "./records.ts";
import type { AccountStore } from "./store.ts";

export interface OwnerParts {
  store: AccountStore;
  /** The address of the hub; with https the cookie is for encrypted connections only. */
  url: string;
  /** At least 32 secret characters that outlive a restart. */
  secret: string;
}

/** A browser that is signed in. */
export interface SignedIn {
  /** What its cookie holds; never to be shown. */
  token: string;
}

export interface Owner {
  exists(): Promise<boolean>;
  /** Makes the account, or changes its password; ends all sign-ins. Throws invalid_input for one that is too short. */
  setPassword(password: string): Promise<void>;
  /** The cookies of the new sign-in, as headers; null when the password is wrong or there is no account. */
  signIn(password: string): Promise<readonly string[] | null>;
  signedIn(cookie: string | undefined): Promise<SignedIn | null>;
  /** Ends one sign-in; the headers that make the browser forget it. */
  signOut(cookie: string | undefined): Promise<readonly string[]>;
}

export const minPasswordLength = 12;
const maxPasswordLength = 256;
/** There is one account, so nobody is asked for its name. The domain is reserved for such use. */
const email = "owner@paddock.internal";
const signedInS = 7 * 86_400;
/** Sign-ins kept; the oldest ends when there are more. */
const maxSignIns = 50;

type Library = ReturnType<typeof openLibrary>;

const openLibrary = ({ store, url, secret }: OwnerParts) =>
  betterAuth({
    baseURL: url,
    basePath: "/account",
    secret,
    database: accountRecords(store),
    emailAndPassword: { enabled: true, autoSignIn: false, minPasswordLength, maxPasswordLength },
    session: { expiresIn: signedInS, disableSessionRefresh: true },
    advanced: { cookiePrefix: "paddock" },
    logger: { disabled: true },
    telemetry: { enabled: false },
  });

export function openOwner(parts: OwnerParts): Owner {
  const library = openLibrary(parts);
  const context = async () => (await library.$context).internalAdapter;
  return {
    exists: async () => (await (await context()).findUserByEmail(email)) !== null,
    async setPassword(password) {
      if (password.length < minPasswordLength || password.length > maxPasswordLength) throw tooShort();
      const known = await (await context()).findUserByEmail(email);
      if (known) await changePassword(library, known.user.id, password);
      else await library.api.signUpEmail({ body: { email, name: "owner", password } });
    },
    async signIn(password) {
      if (password.length > maxPasswordLength) return null;
      try {
        const { headers } = await library.api.signInEmail({ body: { email, password }, returnHeaders: true });
        endOldest(parts.store);
        return headers.getSetCookie();
      } catch (error) {
        if (isWrongPassword(error)) return null;
        throw error;
      }
    },
    async signedIn(cookie) {
      if (cookie === undefined) return null;
      const found = await library.api.getSession({ headers: new Headers({ cookie }) });
      return found && { token: found.session.token };
    },
    async signOut(cookie) {
      const headers = new Headers(cookie === undefined ? {} : { cookie });
      return (await library.api.signOut({ headers, returnHeaders: true })).headers.getSetCookie();
    },
  };
}

async function changePassword(library: Library, user: string, password: string): Promise<void> {
  const { internalAdapter, password: hasher } = await library.$context;
  await internalAdapter.updatePassword(user, await hasher.hash(password));
  await internalAdapter.deleteUserSessions(user);
}

/** Each goes on for the same time, so that the one which ends first is the oldest. */
function endOldest(store: AccountStore): void {
  const sessions = store.list("session").toSorted((a, b) => String(a.expiresAt).localeCompare(String(b.expiresAt)));
  const now = new Date().toISOString();
  const tooMany = sessions.length - maxSignIns;
  sessions.forEach(({ id, expiresAt }, index) => {
    if (index < tooMany || String(expiresAt) < now) store.remove("session", String(id));
  });
}

const isWrongPassword = (error: unknown): boolean =>
  error instanceof Error && "status" in error && (error.status === "UNAUTHORIZED" || error.status === 401);

const tooShort = (): PaddockError =>
  new PaddockError(
    "invalid_input",
    `A password has ${minPasswordLength} to ${maxPasswordLength} characters.`,
    "Choose a longer one: some words that nobody else would put together.",
  );
