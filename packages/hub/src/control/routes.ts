/** What the owner can ask on the control socket. Whoever can open the socket is the owner: the file's mode sees to that. */
import { type AuditLog, type Exchange, guardWith } from "@paddock/audit";
import {
  acceptedFaults,
  approvalAnswer,
  deviceSignature,
  ownerId,
  PaddockError,
  type Passphrase,
  type Principal,
  passphraseHeader,
  passphraseWish,
} from "@paddock/contract";
import { Hono } from "hono";
import * as z from "zod";
import { type Tokens, tokenWish } from "../access/tokens.ts";
import type { Accounts } from "../accounts/accounts.ts";
import type { Inbox } from "../approvals/inbox.ts";
import type { Log } from "../log.ts";
import { type MachineRouteParts, machineRoutes } from "../machines/control-routes.ts";
import type { Machine } from "../machines/machine.ts";
import type { Oauth } from "../oauth/oauth.ts";
import type { OpenRuns } from "../runs/calls.ts";
import type { RunRecords } from "../runs/records.ts";
import { errorAnswer } from "../surfaces/error-answer.ts";
import { responseOf } from "../surfaces/rest/call.ts";
import { clientRoutes } from "./clients.ts";
import { ownerRoutes } from "./owner.ts";
import { bodyOf, parsed } from "./wish.ts";

export interface ControlParts extends MachineRouteParts {
  tokens: Tokens;
  accounts: Pick<Accounts, "exists" | "makeCode" | "setPassword">;
  oauth: Pick<Oauth, "clients" | "consents">;
  runs: OpenRuns;
  records: RunRecords;
  machine: Machine;
  inbox: Inbox;
  audit: Pick<AuditLog, "head" | "writeDurably">;
  heads: Pick<Exchange, "forget">;
  passphrase: Passphrase;
  version: string;
  /** Where it listens, as programs on this machine reach it. */
  listens(): string;
  log: Pick<Log, "error">;
}

const owner: Principal = { id: ownerId, name: "owner", surface: "cli", toolset: "full", workspaces: [] };

const callWish = z.strictObject({
  tool: z.string().max(64),
  input: z.unknown().default({}),
  workspace: z.string().startsWith("/").max(4096).optional(),
  idempotencyKey: z.string().optional(),
});
const answerWish = z.strictObject({ answer: approvalAnswer, signature: deviceSignature.optional() });
const limit = z.coerce.number().int().min(1).max(1000).default(50);

export function controlApp(parts: ControlParts): Hono {
  const { tokens, records, runs, inbox, audit, heads, log } = parts;
  const app = new Hono();
  const guard = guardWith(parts.passphrase, parts.audit);
  app.use(async (context, next) => {
    if (wantsPassphrase(context.req)) await guard(context.req.header(passphraseHeader));
    await next();
  });
  app.post("/passphrase", async (context) => {
    const { passphrase } = parsed(passphraseWish, await bodyOf(context.req.raw));
    await parts.passphrase.change(passphrase);
    audit.writeDurably({ event: "policy.changed", detail: { guard: passphrase === null ? "off" : "on" } });
    return context.json({ set: passphrase !== null });
  });
  app.get("/status", (context) => context.json(statusNow(parts)));
  app.route("/machines", machineRoutes(parts));
  app.get("/tokens", (context) => context.json({ tokens: tokens.list() }));
  app.post("/tokens", async (context) => {
    const wish = parsed(tokenWish, await bodyOf(context.req.raw));
    const machines = wish.machines.map((name) => parts.registry.show(name).id);
    return context.json(tokens.create({ ...wish, machines }, Date.now()), 201);
  });
  app.delete("/tokens/:id", (context) => context.json(tokens.revoke(context.req.param("id"), Date.now())));
  app.route("/clients", clientRoutes(parts.oauth));
  app.route("/owner", ownerRoutes(parts.accounts));
  app.get("/runs", (context) => context.json({ runs: records.list(parsed(limit, context.req.query("limit"))) }));
  app.get("/runs/:id", (context) => context.json(records.show(context.req.param("id"))));
  app.post("/runs/:id/cancel", async (context) => {
    const { id, principal } = records.show(context.req.param("id"));
    await runs.cancel({ ...owner, id: principal }, id);
    return context.json({ run: id, cancelling: true }, 202);
  });
  app.get("/approvals", (context) => context.json({ questions: inbox.list() }));
  app.post("/approvals/:id", async (context) => {
    const wish = parsed(answerWish, await bodyOf(context.req.raw));
    if (wish.answer.type !== "deny") await guard(context.req.header(passphraseHeader));
    return context.json(await inbox.answer({ ...wish, id: context.req.param("id"), by: owner.name }));
  });
  app.get("/audit/head", (context) => context.json(audit.head));
  app.post("/audit/accept", async (context) => {
    audit.writeDurably({ event: "log.accepted", detail: parsed(acceptedFaults, await bodyOf(context.req.raw)) });
    heads.forget();
    return context.json(audit.head);
  });
  app.post("/call", async (context) => answerCall(parts, await bodyOf(context.req.raw), context.req.raw.signal));
  app.notFound(() => asResponse(new PaddockError("not_found", "The control socket has no such address."), log));
  app.onError((error) => asResponse(error, log));
  return app;
}

/** Who looks, takes away, or calls a tool, which passes the gate, is not asked for it; an answer is looked at by its route. */
const wantsPassphrase = ({ method, path }: { method: string; path: string }): boolean =>
  method === "POST" && !/^\/(call|runs\/[^/]+\/cancel|approvals\/[^/]+)$/.test(path);

const statusNow = ({ machine, runs, version, url, listens }: ControlParts) => ({
  version,
  pid: process.pid,
  url: url(),
  listens: listens(),
  uptimeSeconds: Math.floor(process.uptime()),
  openRuns: runs.open,
  machine: { name: machine.name, online: machine.online, ...(machine.about ? aboutShown(machine.about) : {}) },
});

/** Without the instructions, which are long and for models. */
const aboutShown = ({ workspace, roots, profile, sandbox, bridged }: NonNullable<Machine["about"]>) => ({
  workspace,
  roots,
  profile,
  sandbox,
  bridged,
});

async function answerCall({ runs }: ControlParts, body: unknown, signal: AbortSignal): Promise<Response> {
  const { tool, input, workspace, idempotencyKey } = parsed(callWish, body);
  const answer = await runs.call({
    principal: owner,
    tool,
    input,
    signal,
    ...(workspace === undefined ? {} : { workspace }),
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
  return responseOf(answer);
}

function asResponse(error: unknown, log: ControlParts["log"]): Response {
  const { status, headers, body } = errorAnswer(error, log);
  return new Response(body, { status, headers });
}
