/**
 * How a runner and its hub come to a sealed wire over a carrier that nobody trusts. Both sign both nonces, both keys, both
 * ephemeral keys, the version and the purpose; the keys of the wire follow from the ephemeral keys and from all of that, so that
 * nobody in between can take part, and a key that is stolen later opens nothing that was said before.
 */
import {
  createHash,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { PaddockError } from "@paddock/contract";
import {
  type Bye,
  byeFrame,
  type FormerKey,
  type HubProof,
  handshakeWithinMs,
  hubProof,
  type LinkPurpose,
  maxHandshakeBytes,
  type OpenMessage,
  openMessage,
  protocolVersion,
  type RunnerProof,
  runnerProof,
} from "@paddock/contract/link";
import type { Carrier } from "./carrier.ts";
import type { LinkKey } from "./keys.ts";
import { type SessionKeys, sealedWire } from "./sealed-wire.ts";
import { isSignedBy } from "./signature.ts";
import type { Wire } from "./wire.ts";

export interface Approach {
  key: LinkKey;
  purpose: LinkPurpose;
  /** Whether that is the public key of the hub that is meant, which says that it had others before. */
  trusts(hubKey: string, before: readonly FormerKey[]): boolean;
  /** The hub has proved who it is. The signature is this side's, and has to be the first thing on the wire. */
  ready(wire: Wire, signature: string, hubKey: string): void;
  failed(reason: PaddockError): void;
}

/** The runner's side. Calls back at once when the hub's answer is there, so that nothing after it is missed. */
export function approachHub(carrier: Carrier, { key, purpose, trusts, ready, failed }: Approach): void {
  const { open, agree } = newOpening(key.publicKey, purpose);
  const timer = setTimeout(() => carrier.cut("the hub did not answer in time"), handshakeWithinMs);
  const fail = (reason: PaddockError): void => {
    clearTimeout(timer);
    carrier.listen({ message() {}, closed() {} });
    carrier.cut(reason.message);
    failed(reason);
  };
  carrier.listen({
    message(pieces) {
      const said = readMessage(pieces);
      const proof = hubProof.safeParse(said).data;
      const fault = proof ? faultOf(proof, trusts) : refusalIn(said);
      if (fault || !proof) return fail(fault ?? notAHub());
      const { statement, sessionKeys } = agree(proof);
      if (!sessionKeys || !isSignedBy(proof.key, `hub\n${statement}`, proof.signature)) return fail(notThatHub());
      clearTimeout(timer);
      const { runnerToHub: send, hubToRunner: receive } = sessionKeys;
      ready(sealedWire(carrier, { send, receive }), key.sign(`runner\n${statement}`), proof.key);
    },
    closed: (reason) => fail(new PaddockError("hub_unreachable", `The hub could not be spoken to: ${reason}.`)),
  });
  carrier.send([Buffer.from(JSON.stringify(open))]);
}

export interface Reception {
  key: LinkKey;
  /** Those that it has replaced. */
  before: readonly FormerKey[];
  /** The runner has proved that it has the key. `wire` is its own from now on. */
  ready(wire: Wire, runner: { key: string; proof: RunnerProof }): void;
  /** The connection has ended before that; nobody is told anything more. */
  failed(reason: string): void;
}

/** The hub's side. `ready` is called at once, so that nothing after the proof is missed. */
export function receiveRunner(carrier: Carrier, { key, before, ready, failed }: Reception): void {
  const timer = setTimeout(() => carrier.cut("the handshake took too long"), handshakeWithinMs).unref();
  const end = (reason: string): void => {
    clearTimeout(timer);
    carrier.listen({ message() {}, closed() {} });
    carrier.cut(reason);
    failed(reason);
  };
  carrier.listen({
    message(pieces) {
      const said = readMessage(pieces);
      if (versionOf(said) !== protocolVersion) {
        carrier.send([Buffer.from(JSON.stringify(otherVersion(said)))]);
        void carrier.drained().then(() => end("it speaks another version of the link"));
        return;
      }
      const open = openMessage.safeParse(said).data;
      const answer = open && answerTo(open, key, before);
      if (!answer) return end("what it said first was no opening");
      carrier.send([Buffer.from(JSON.stringify(answer.proof))]);
      const { hubToRunner: send, runnerToHub: receive } = answer.sessionKeys;
      const wire = sealedWire(carrier, { send, receive });
      wire.listen({
        text(text) {
          clearTimeout(timer);
          const proof = proofIn(text, open.purpose);
          if (!proof || !isSignedBy(open.key, `runner\n${answer.statement}`, proof.signature))
            return end("it has not proved that it has the key");
          ready(wire, { key: open.key, proof });
        },
        bytes: () => end("what it said first was no proof"),
        closed: end,
      });
    },
    closed: end,
  });
}

/** What each side signs, after who it is. */
const statementOf = (open: OpenMessage, hub: Omit<HubProof, "signature">): string =>
  [
    `paddock link ${open.version} ${open.purpose}`,
    `runner ${open.key} ${open.nonce} ${open.ephemeral}`,
    `hub ${hub.key} ${hub.nonce} ${hub.ephemeral}`,
  ].join("\n");

function newOpening(publicKey: string, purpose: LinkPurpose) {
  const ephemeral = generateKeyPairSync("x25519");
  const open: OpenMessage = {
    type: "open",
    version: protocolVersion,
    purpose,
    key: publicKey,
    nonce: newNonce(),
    ephemeral: publicText(ephemeral.publicKey),
  };
  const agree = (proof: HubProof) => {
    const statement = statementOf(open, proof);
    return { statement, sessionKeys: sessionKeysOf(ephemeral.privateKey, proof.ephemeral, statement) };
  };
  return { open, agree };
}

function answerTo(open: OpenMessage, key: LinkKey, before: readonly FormerKey[]) {
  const ephemeral = generateKeyPairSync("x25519");
  const unsigned = {
    type: "prove",
    version: protocolVersion,
    key: key.publicKey,
    nonce: newNonce(),
    ephemeral: publicText(ephemeral.publicKey),
  } as const;
  const statement = statementOf(open, unsigned);
  const sessionKeys = sessionKeysOf(ephemeral.privateKey, open.ephemeral, statement);
  if (!sessionKeys) return null;
  const former = before.length > 0 ? { before: [...before] } : {};
  const proof: HubProof = { ...unsigned, ...former, signature: key.sign(`hub\n${statement}`) };
  return { proof, statement, sessionKeys };
}

interface DirectedKeys {
  runnerToHub: SessionKeys["send"];
  hubToRunner: SessionKeys["send"];
}

/** Null for a public key that agrees on nothing. */
function sessionKeysOf(privateKey: KeyObject, other: string, statement: string): DirectedKeys | null {
  try {
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "X25519", x: other }, format: "jwk" });
    const shared = diffieHellman({ privateKey, publicKey });
    const salt = createHash("sha256").update(statement).digest();
    const bytes = Buffer.from(hkdfSync("sha256", shared, salt, "paddock link keys", 64));
    return { runnerToHub: bytes.subarray(0, 32), hubToRunner: bytes.subarray(32) };
  } catch {
    return null;
  }
}

const newNonce = (): string => randomBytes(32).toString("base64url");

function publicText(key: KeyObject): string {
  const { x } = key.export({ format: "jwk" });
  if (x === undefined) throw new Error("the key is no X25519 key");
  return x;
}

function readMessage(pieces: readonly Buffer[]): unknown {
  const bytes = Buffer.concat(pieces);
  if (bytes.length > maxHandshakeBytes) return null;
  try {
    return JSON.parse(bytes.toString("utf8"));
  } catch {
    return null;
  }
}

function proofIn(text: string, purpose: LinkPurpose): RunnerProof | null {
  const proof = runnerProof.safeParse(readMessage([Buffer.from(text)])).data ?? null;
  const wanted = purpose === "link" ? "prove" : "enrol";
  return proof?.type === wanted ? proof : null;
}

const versionOf = (said: unknown): unknown =>
  typeof said === "object" && said !== null && "version" in said ? said.version : undefined;

const otherVersion = (said: unknown): Bye => ({
  type: "bye",
  code: "version_mismatch",
  message: `The hub speaks version ${protocolVersion} of the link, the runner ${shownVersion(versionOf(said))}.`,
});

const shownVersion = (version: unknown): string => (typeof version === "number" ? String(version) : "none");

/** What is wrong with a hub's proof, before its signature is looked at. */
function faultOf({ version, key, before = [] }: HubProof, trusts: Approach["trusts"]): PaddockError | null {
  if (version !== protocolVersion) {
    const message = `The hub speaks version ${version} of the link, this runner ${protocolVersion}.`;
    return new PaddockError("version_mismatch", message);
  }
  return trusts(key, before) ? null : notThatHub();
}

/** Said by nobody that has proved anything: a reason to go on trying, and to tell the owner. */
function refusalIn(said: unknown): PaddockError | null {
  const bye = byeFrame.safeParse(said).data;
  return bye ? new PaddockError(bye.code, bye.message) : null;
}

const notAHub = (): PaddockError => new PaddockError("hub_unreachable", "What answers there is no Paddock hub.");
const notThatHub = (): PaddockError =>
  new PaddockError("wrong_hub", "The hub that answers has not the key that it should have.");
