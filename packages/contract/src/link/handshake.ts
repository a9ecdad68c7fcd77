/**
 * How a runner that dials over a network and its hub come to trust each other, before the first frame. Three messages, the first
 * two of them JSON text: `open` by the runner, `prove` by the hub; whatever follows is sealed with keys that both have agreed on,
 * and the runner's own proof comes first. Refusals have the same shape in every version, so that each side can say what is wrong.
 */
import * as z from "zod";
import { errorCodes } from "../errors.ts";
import { machineId } from "../ids.ts";

/** No message before the keys are agreed on is longer. */
export const maxHandshakeBytes = 4096;
/** A side that says nothing more for so long has gone. */
export const handshakeWithinMs = 10_000;

/** Where the link is for networks that break WebSockets, one request holds so many bytes of it at most. */
export const maxEventPostBytes = 1024 * 1024;

/** 32 bytes as base64url: an Ed25519 or X25519 public key, or chance. */
const bytes32 = z.string().regex(/^[\w-]{43}$/);
const signature = z.string().regex(/^[\w-]{86}$/);

/** What the connection is for: to be a machine's link, or to make a machine known with a join code. */
export const linkPurpose = z.enum(["link", "enrol"]);
export type LinkPurpose = z.infer<typeof linkPurpose>;

export const openMessage = z.object({
  type: z.literal("open"),
  version: z.number().int(),
  purpose: linkPurpose,
  /** The machine's public key, by which the hub knows it. */
  key: bytes32,
  nonce: bytes32,
  ephemeral: bytes32,
});
export type OpenMessage = z.infer<typeof openMessage>;

/** So many changes of the hub's key can a machine miss and still know it. */
export const maxFormerKeys = 8;

/** Keys that the hub had, oldest first; each has signed the one after it, the last the one that the hub has. */
export const formerKeys = z.array(z.object({ key: bytes32, signature })).max(maxFormerKeys);
export type FormerKey = z.infer<typeof formerKeys>[number];

/** What a hub signs with its key when it takes another one. */
export const hubKeyText = (key: string, next: string): string => `paddock hub key\n${key}\n${next}`;

export const hubProof = z.object({
  type: z.literal("prove"),
  version: z.number().int(),
  /** The hub's public key, which the runner knows from its join code, or to which the one it knows leads. */
  key: bytes32,
  before: formerKeys.optional(),
  nonce: bytes32,
  ephemeral: bytes32,
  signature,
});
export type HubProof = z.infer<typeof hubProof>;

/** The last that is said: why the link ends, or why there will be none. */
export const byeFrame = z.object({
  type: z.literal("bye"),
  code: z.enum(errorCodes).catch("link_refused"),
  message: z.string().max(1024),
});
export type Bye = z.infer<typeof byeFrame>;

/** The runner's first sealed word. */
export const runnerProof = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("prove"),
    signature,
    /** It was replaced by another runner with its key: it wants the link only if nobody has it. */
    yields: z.boolean(),
  }),
  z.object({
    type: z.literal("enrol"),
    signature,
    /** The secret of the join code. */
    secret: z.string().max(64),
    /** What the machine is to be called; what the code says, or its host name, when absent. */
    name: z.string().max(64).optional(),
    hostname: z.string().max(256),
  }),
]);
export type RunnerProof = z.infer<typeof runnerProof>;

export const enrolledWord = z.object({
  type: z.literal("enrolled"),
  machine: machineId,
  /** What the hub calls it. */
  name: z.string().max(64),
});

/** What a machine signs with a new key, so that nobody is given the key of another. */
export const newKeyText = (machine: string, key: string): string => `paddock machine key\n${machine}\n${key}`;

/** The public key of a machine, or a signature with it. */
export const keyText = bytes32;
export const signatureText = signature;

/** What a machine may be called: a name that fits on a command line. */
export const machineAlias = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, "lower-case letters, digits, dots, - and _, at most 63")
  .refine((name) => !name.startsWith("mch_"), "a name must not look like an id");

/** A label: a word, or `key=value`. */
export const machineLabel = z.string().regex(/^[\w.-]{1,32}(=[\w.:/-]{0,64})?$/, "a word, or key=value");
