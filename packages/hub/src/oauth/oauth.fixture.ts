/** The owner's browser and a client's steps, by hand, against a real hub. */
import { hash, randomBytes } from "node:crypto";
import type { Reply, TestHub } from "../hub.fixture.ts";

export const password = "some words nobody says";

export interface Page {
  status: number;
  headers: Headers;
  text: string;
  /** Where the browser has come to; outside of the hub it has not gone there. */
  url: URL;
}

export interface Browser {
  /** Follows redirects as long as they stay at the hub. */
  get(path: string): Promise<Page>;
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Page>;
  readonly cookies: Map<string, string>;
}

/** Keeps cookies by name, path and all that a browser needs no test for left out. */
export function browserAt(hub: { address: string }): Browser {
  const cookies = new Map<string, string>();
  const step = async (url: URL, init: RequestInit): Promise<Page> => {
    const headers = new Headers(init.headers);
    headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "));
    const answer = await fetch(url, { ...init, headers, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) keep(cookies, line);
    const page = { status: answer.status, headers: answer.headers, text: await answer.text(), url };
    const location = answer.headers.get("location");
    if (location === null) return page;
    const next = new URL(location, url);
    return next.origin === new URL(hub.address).origin ? step(next, {}) : { ...page, url: next };
  };
  return {
    cookies,
    get: (path) => step(new URL(path, hub.address), {}),
    post: (path, form, headers = {}) =>
      step(new URL(path, hub.address), {
        method: "POST",
        body: new URLSearchParams(form),
        headers: { origin: new URL(hub.address).origin, ...headers },
      }),
  };
}

function keep(cookies: Map<string, string>, line: string): void {
  const [pair = ""] = line.split(";");
  const at = pair.indexOf("=");
  const [name, value] = [pair.slice(0, at), pair.slice(at + 1)];
  if (value === "" || /max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
  else cookies.set(name, value);
}

/** A browser in which the owner is signed in; makes the account if there is none. */
export async function ownersBrowser(hub: TestHub): Promise<Browser> {
  await hub.control("POST", "/owner", { password });
  const browser = browserAt(hub);
  const page = await browser.post("/sign-in", { password });
  if (page.status === 401) throw new Error("The owner could not sign in.");
  return browser;
}

/** The value of a field of a form. */
const fieldOf = ({ text }: Page, name: string): string =>
  new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? "";

export interface Choice {
  answer?: "allow" | "refuse";
  toolset?: string;
  days?: string;
  /** An id, or * for every machine. */
  machine?: string;
}

/** Opens a client's address as the owner and answers; where the browser is led then. */
export async function consent(browser: Browser, address: string, choice: Choice = {}): Promise<URL> {
  const page = await browser.get(address);
  const form = { answer: "allow", toolset: "core", days: "30", machine: "*", ...choice, proof: fieldOf(page, "proof") };
  return (await browser.post(page.url.pathname, form)).url;
}

export interface Client {
  id: string;
  redirect: string;
  verifier: string;
  /** The address to open in a browser. */
  address(changes?: Record<string, string | null>): string;
  /** The tokens for a code. */
  redeem(code: string, changes?: Record<string, string>): Promise<Reply>;
  refresh(token: string, changes?: Record<string, string>): Promise<Reply>;
}

/** Sends a form as a client does. */
export const send = (hub: TestHub, path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  hub.http("POST", path, {
    body: new URLSearchParams(form).toString(),
    headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
  });

export const register = (hub: TestHub, metadata: Record<string, unknown>): Promise<Reply> =>
  hub.http("POST", "/register", {
    body: JSON.stringify(metadata),
    headers: { "content-type": "application/json" },
  });

export async function registered(hub: TestHub, redirect = "http://127.0.0.1/callback"): Promise<Client> {
  const metadata = { client_name: "Test", redirect_uris: [redirect], token_endpoint_auth_method: "none" };
  return clientAt(hub, String((await register(hub, metadata)).json.client_id), redirect);
}

export function clientAt(hub: TestHub, id: string, redirect: string): Client {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = hash("sha256", verifier, "base64url");
  return {
    id,
    redirect,
    verifier,
    address(changes = {}) {
      const asked = {
        client_id: id,
        redirect_uri: redirect,
        response_type: "code",
        code_challenge: challenge,
        code_challenge_method: "S256",
        state: "some state",
        resource: `${hub.address}/mcp`,
        ...changes,
      };
      const given = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== null);
      return `/authorize?${new URLSearchParams(given)}`;
    },
    redeem: (code, changes = {}) =>
      send(hub, "/token", {
        grant_type: "authorization_code",
        client_id: id,
        code,
        redirect_uri: redirect,
        code_verifier: verifier,
        ...changes,
      }),
    refresh: (token, changes = {}) =>
      send(hub, "/token", { grant_type: "refresh_token", client_id: id, refresh_token: token, ...changes }),
  };
}

export interface SignedIn {
  client: Client;
  accessToken: string;
  refreshToken: string;
}

/** A client that the owner has let in. */
export async function letIn(hub: TestHub, browser: Browser, choice: Choice = {}): Promise<SignedIn> {
  const client = await registered(hub);
  const led = await consent(browser, client.address(), choice);
  const { json } = await client.redeem(led.searchParams.get("code") ?? "");
  return { client, accessToken: json.access_token, refreshToken: json.refresh_token };
}
