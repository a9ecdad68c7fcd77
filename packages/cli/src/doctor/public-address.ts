/** Calls the hub as clients do, by its public address, and says which hop fails. */
import { type Finding, fail, ok, warn } from "./finding.ts";

const patienceMs = 10_000;
const maxAnswerBytes = 64 * 1024;

/** Throws nothing: whatever goes wrong is what is looked for. */
export async function examineAddress(publicUrl: string): Promise<Finding> {
  const { origin, protocol, hostname } = new URL(publicUrl);
  let answer: Response;
  let text: string;
  try {
    const signal = AbortSignal.timeout(patienceMs);
    answer = await fetch(new URL("/healthz", origin), { signal, redirect: "manual" });
    text = await textOf(answer);
  } catch (error) {
    return unreached(origin, error);
  }
  if (!answer.ok || !isPaddock(text)) return answeredWrongly(origin, answer.status, text);
  const inside = /^(localhost|127\.|\[::1\])/.test(hostname);
  return protocol === "https:" || inside
    ? ok(`the public address ${origin} leads to the hub`)
    : warn(
        `the public address ${origin} has no TLS`,
        "Tokens cross the network in clear: docs/reaching-it.md has ways.",
      );
}

async function textOf({ body }: Response): Promise<string> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const piece of body ?? []) {
    text += decoder.decode(piece as Uint8Array, { stream: true });
    if (text.length > maxAnswerBytes) break;
  }
  return text;
}

const isPaddock = (text: string): boolean => /"name":\s*"paddock"/.test(text);

const tlsFaults: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: "its certificate has expired",
  CERT_NOT_YET_VALID: "its certificate does not hold yet, or this clock is wrong",
  DEPTH_ZERO_SELF_SIGNED_CERT: "its certificate is signed by nobody but itself",
  SELF_SIGNED_CERT_IN_CHAIN: "its certificate comes from an authority that nobody knows",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "its certificate comes without the ones between it and a known authority",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "its certificate comes from an authority that is not known here",
  ERR_TLS_CERT_ALTNAME_INVALID: "its certificate is for another name",
};

function unreached(origin: string, error: unknown): Finding {
  const { code = "", message } = ((error as Error).cause ?? error) as Error & { code?: string };
  const tls = tlsFaults[code] ?? (/^(ERR_SSL|EPROTO)/.test(code) ? "what answers there does not speak it" : undefined);
  if (tls !== undefined) {
    return fail(`TLS of ${origin} fails: ${tls}`, "Look at the certificate in the proxy before Paddock.");
  }
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return fail(`the name of ${origin} leads nowhere`, "Look at its DNS entry, or correct `public_url`.");
  }
  return fail(
    `nothing answers at ${origin} (${code || message})`,
    "The proxy or the tunnel before Paddock is down, or its port is closed: docs/reaching-it.md.",
  );
}

function answeredWrongly(origin: string, status: number, text: string): Finding {
  if (text.includes('"wrong_host"')) {
    return fail(
      `the hub refuses what comes by ${origin}, because the proxy names another host`,
      "Have it pass the Host header as it came: docs/reaching-it.md.",
    );
  }
  if (status >= 500) {
    return fail(
      `something answers at ${origin}, but does not reach the hub (HTTP ${status})`,
      "Look at the proxy's own log, and whether it leads to the address that the hub listens on.",
    );
  }
  return fail(
    `something else than Paddock answers at ${origin} (HTTP ${status})`,
    "Look at what the name leads to, or correct `public_url`.",
  );
}
