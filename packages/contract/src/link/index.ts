/**
 * What hub and runner say to each other. Text frames are JSON control messages of the two unions below; a binary frame is
 * `[channel: u32 big endian][bytes]`. Every call has one channel: the bytes of its result travel on it right after the
 * `result` frame, first the envelope, then further MCP content, so that the hub can pass them on without parsing them.
 *
 * Everything is idempotent by run id: a hub repeats a `call` that was never accepted, a runner repeats a `result` until it
 * is acknowledged, and neither executes or records twice.
 */
import * as z from "zod";
import { approvalAnswer, approvalOutcome, deviceSignature, shownQuestion } from "../approval.ts";
import { headWord } from "../audit.ts";
import { errorCodes } from "../errors.ts";
import { approvalId, runId } from "../ids.ts";
import { principal } from "../principal.ts";
import { runState } from "../run.ts";
import { byeFrame, keyText, signatureText } from "./handshake.ts";

export * from "./handshake.ts";

export const protocolVersion = 1;
export const maxFrameBytes = 32 * 1024 * 1024;

/** What each side of a stream has room for at first, and at most. */
export const streamWindowBytes = 1024 * 1024;
/** A stream's bytes are sent in pieces, so that what else is said on the link comes in between. */
export const maxStreamPieceBytes = 256 * 1024;

const channel = z.number().int().min(1).max(0xffffffff);

/** Said by either side about a stream, whose bytes travel on its channel both ways. */
const streamFrames = [
  /** There is room for so many bytes more. */
  z.object({ type: z.literal("stream_credit"), channel, bytes: z.number().int().min(1).max(streamWindowBytes) }),
  /** Nothing more comes from this side. */
  z.object({ type: z.literal("stream_end"), channel }),
  /** Nothing more comes from this side, and what did may not be whole; nothing more is read either. */
  z.object({ type: z.literal("stream_reset"), channel }),
] as const;
export type StreamFrame = z.infer<(typeof streamFrames)[number]>;

export const callFrame = z.object({
  type: z.literal("call"),
  run: runId,
  channel,
  /** The channel of a stream between the caller and the tool, for tools that have one. It lasts no longer than the link. */
  stream: channel.optional(),
  tool: z.string().max(64),
  input: z.unknown(),
  principal,
  /** Absolute path of the root to work in; the runner's default when absent. */
  workspace: z.string().max(4096).optional(),
  /** When the run ends at the latest, in milliseconds since the epoch. */
  deadline: z.number().int(),
  /** It is decided and asked about, says `held` when nothing else stands in its way, and runs only after `go`. */
  hold: z.boolean().optional(),
});
export type CallFrame = z.infer<typeof callFrame>;

/** Where the sender's audit log ends, both ways: when the connection is new, and with each head that is signed after. */
const headFrame = headWord.extend({ type: z.literal("head") });

/** Joins an answer to what is said about it. */
const exchange = z.number().int().min(1);

export const hubFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("welcome"),
    version: z.number().int(),
    hub: z.string().max(128),
    /** The hub's clock, in milliseconds since the epoch: moments in its frames are meant by it. */
    now: z.number().int().optional(),
  }),
  byeFrame,
  callFrame,
  ...streamFrames,
  headFrame,
  z.object({ type: z.literal("cancel"), run: runId }),
  /** The machine is to have another key; answered by `new_key`. */
  z.object({ type: z.literal("rotate_key") }),
  /** The machine is known by that key from now on. */
  z.object({ type: z.literal("key_taken"), key: keyText }),
  /** The word for a call with `hold`; it can come more than once. */
  z.object({ type: z.literal("go"), run: runId }),
  /** The results of these are safe; many at once, as each would cost a frame. */
  z.object({ type: z.literal("ack"), runs: z.array(runId).max(1024) }),
  /** What the principal was granted is over: its runs, shells, processes and bridged servers end. */
  z.object({ type: z.literal("end"), principal: z.string().max(128) }),
  /** Asks for a run's state; answered by `state`, or by `result` when it is over. `channel` carries that result. */
  z.object({ type: z.literal("query"), run: runId, channel: z.number().int(), principal: z.string().max(128) }),
  /**
   * A person's answer to a question. The hub vouches for `by`; a signature, which it can only carry, makes it worth more.
   * Answered by `answer_taken` or `answer_refused` with the same `exchange`.
   */
  z.object({
    type: z.literal("answer"),
    exchange,
    id: z.string().max(64),
    answer: approvalAnswer,
    by: z.string().max(128),
    signature: deviceSignature.optional(),
  }),
]);
export type HubFrame = z.infer<typeof hubFrame>;

/** A tool of a bridged server under a name of its own, `server__tool`: calling it is calling mcp_call with both. */
export const bridgedTool = z.object({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  server: z.string().max(64),
  tool: z.string().max(128),
  title: z.string().max(128).optional(),
  description: z.string().max(2048),
  inputSchema: z.record(z.string(), z.unknown()),
});
export type BridgedTool = z.infer<typeof bridgedTool>;

/** What the hub shows of a machine: the instructions for models, roots, profile, sandbox. */
export const aboutSchema = z.object({
  instructions: z.string().max(65_536),
  /** The same without anything of the default workspace, for those who may not see it. */
  general: z.string().max(65_536).optional(),
  workspace: z.string().max(4096),
  roots: z.array(z.object({ path: z.string().max(4096), write: z.boolean() })).max(256),
  profile: z.string().max(32),
  sandbox: z.string().max(32),
  /** Whether MCP servers are bridged, which adds mcp_tools and mcp_call to `core`. */
  bridged: z.boolean(),
  /** Those of their tools that the owner exposes by name and has accepted. */
  bridgedTools: z.array(bridgedTool).max(128),
});
export type About = z.infer<typeof aboutSchema>;

export const runnerFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("hello"),
    version: z.number().int(),
    boot: z.string().max(64),
    machine: z.string().max(128),
    about: aboutSchema,
  }),
  headFrame,
  ...streamFrames,
  z.object({ type: z.literal("new_key"), key: keyText, signature: signatureText }),
  /** The same again whenever it changes. */
  z.object({ type: z.literal("about"), about: aboutSchema }),
  z.object({ type: z.literal("accepted"), run: runId }),
  z.object({ type: z.literal("state"), run: runId, state: runState, approval: approvalId.optional() }),
  z.object({ type: z.literal("held"), run: runId }),
  z.object({
    type: z.literal("result"),
    run: runId,
    channel: z.number().int(),
    state: runState,
    ok: z.boolean(),
    /** Bytes of the envelope, then bytes of further MCP content (a JSON array), 0 when there is none. */
    sizes: z.tuple([z.number().int(), z.number().int()]),
  }),
  /** The runner does not know the run that was asked for. */
  z.object({ type: z.literal("no_run"), run: runId }),
  /** A question to the owner that is open; all that are, after each `welcome`. Its moments are meant by the machine's clock. */
  z.object({ type: z.literal("question"), question: shownQuestion, leftMs: z.number().int().optional() }),
  z.object({ type: z.literal("question_over"), id: approvalId, outcome: approvalOutcome }),
  z.object({ type: z.literal("answer_taken"), exchange }),
  z.object({ type: z.literal("answer_refused"), exchange, code: z.enum(errorCodes), message: z.string().max(1024) }),
]);
export type RunnerFrame = z.infer<typeof runnerFrame>;
