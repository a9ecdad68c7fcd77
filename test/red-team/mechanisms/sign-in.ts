/** Whoever wants what an OAuth client gets, without the owner having let them in: codes and tokens that are led astray. */
import type { Attacker, HttpAnswer, Mechanism } from "../mechanism.ts";

const nobody = { authorization: "" };
const redirect = "http://127.0.0.1/callback";
const evil = "https://evil.example";

const metadata = (address: string) => ({
  ...{ client_name: "Helper", redirect_uris: [address], token_endpoint_auth_method: "none" },
});
const register = ({ http }: Attacker, address: string): Promise<HttpAnswer> =>
  http({ method: "POST", path: "/register", headers: nobody, body: metadata(address) });

/** Where a browser is led that opens a client's address. */
async function led({ http }: Attacker, id: string, changes: Record<string, string | null> = {}): Promise<string> {
  const asked = {
    ...{ client_id: id, redirect_uri: redirect, response_type: "code", state: "x" },
    ...{ code_challenge: "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", code_challenge_method: "S256" },
    ...changes,
  };
  const given = Object.entries(asked).filter((pair): pair is [string, string] => pair[1] !== null);
  const { headers } = await http({ path: `/authorize?${new URLSearchParams(given)}`, headers: nobody });
  return String(headers.location ?? "");
}

/** Of a client that is as it should be: whoever could not register would try nothing. */
async function idOf(attacker: Attacker): Promise<string> {
  const { status, text } = await register(attacker, redirect);
  if (status >= 300) throw new Error(`No client could be registered: ${text}`);
  return String(JSON.parse(text).client_id);
}

const registers = (id: string, tries: string, address: string): Mechanism => ({
  id: `oauth/${id}`,
  tries: `register a client ${tries}`,
  defence: "that an answer goes to https, or to a program of the same machine, and to one address only",
  harm: "line crossed",
  async attack(attacker, { cross }) {
    const { status } = await register(attacker, address);
    if (status < 300) cross(`${address} was registered`);
  },
});

const redirects = (id: string, tries: string, address: string): Mechanism => ({
  id: `oauth/${id}`,
  tries: `have the code be sent ${tries}`,
  defence: "that the address is the client's own, to the character",
  harm: "line crossed",
  async attack(attacker, { cross }) {
    const location = await led(attacker, await idOf(attacker), { redirect_uri: address });
    if (location.startsWith(address)) cross(location);
  },
});

/** An honest request goes on to the sign-in, and a refused one back with an error. */
const asks = (id: string, tries: string, changes: Record<string, string | null>): Mechanism => ({
  id: `oauth/${id}`,
  tries,
  defence: "that only a code is given out, and only for a verifier by S256",
  harm: "line crossed",
  async attack(attacker, { cross }) {
    const id = await idOf(attacker);
    const isRefused = (location: string) => location === "" || location.includes("error=");
    if (isRefused(await led(attacker, id))) throw new Error("An honest request is refused.");
    const location = await led(attacker, id, changes);
    if (!isRefused(location)) cross(location);
  },
});

const redeems = (id: string, tries: string, form: Record<string, string>): Mechanism => ({
  id: `oauth/${id}`,
  tries,
  defence: "that tokens are given for what was issued, and for nothing else",
  harm: "line crossed",
  async attack(attacker, { cross }) {
    const body = new URLSearchParams({ client_id: await idOf(attacker), ...form }).toString();
    const headers = { ...nobody, "content-type": "application/x-www-form-urlencoded" };
    const { status, text } = await attacker.http({ method: "POST", path: "/token", headers, body });
    if (status === 200) cross(text);
  },
});

export const signIn: readonly Mechanism[] = [
  registers("script-address", "whose address is a script", "javascript:alert(1)//"),
  registers("data-address", "whose address is a document of its own", "data:text/html,x"),
  registers("open-address", "whose answers go elsewhere without encryption", "http://evil.example/callback"),
  registers("pattern-address", "whose address is a pattern", "https://*.example/callback"),
  registers("marked-address", "whose address hides the code from the server", `${evil}/callback#x`),
  registers("user-address", "whose address looks like another's", "https://app.example@evil.example/callback"),
  redirects("other-address", "to another address", `${evil}/callback`),
  redirects("longer-address", "to an address that begins like the client's", `${redirect}.evil.example`),
  redirects(
    "address-upwards",
    "to an address that leads elsewhere from the client's",
    `${redirect}/../open?to=${evil}`,
  ),
  redirects("address-with-user", "to an address that names the client's as its user", "http://127.0.0.1@evil.example/"),
  asks("no-verifier", "ask for a code without a verifier", { code_challenge: null, code_challenge_method: null }),
  asks("plain-verifier", "ask for a code with a verifier that everybody can read", { code_challenge_method: "plain" }),
  asks("token-at-once", "ask for a token in the address", { response_type: "token" }),
  asks("code-and-token", "ask for a code and a token in the address", { response_type: "code id_token", nonce: "x" }),
  {
    id: "oauth/nobody-signed-in",
    tries: "get a code while nobody is signed in",
    defence: "that the owner, signed in, says yes on the page",
    harm: "line crossed",
    async attack(attacker, { cross }) {
      const id = await idOf(attacker);
      for (const prompt of [null, "none", "login"]) {
        const location = await led(attacker, id, { prompt });
        if (location.startsWith(redirect) && location.includes("code=")) cross(location);
      }
    },
  },
  redeems("made-up-code", "redeem a code that they made up", {
    ...{
      grant_type: "authorization_code",
      code: "A".repeat(43),
      redirect_uri: redirect,
      code_verifier: "a".repeat(43),
    },
  }),
  redeems("made-up-refresh", "renew a token that they made up", {
    ...{ grant_type: "refresh_token", refresh_token: "A".repeat(43) },
  }),
  redeems("own-credentials", "get a token for themselves alone", { grant_type: "client_credentials" }),
  redeems("password-grant", "get a token for a password", {
    ...{ grant_type: "password", username: "owner", password: "owner" },
  }),
  {
    id: "oauth/description-inside",
    tries: "have the hub read a client's description from a program of this machine",
    defence: "that descriptions are read from public addresses only",
    harm: "packet sent",
    async attack(attacker, { services }) {
      for (const host of ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1"])
        await led(attacker, `https://${host}:${services.tcpPort}/client.json`, {});
    },
  },
];
