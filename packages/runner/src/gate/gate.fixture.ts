/** A gate for tests: a real ledger, audit log, rules and roots; only what the tool does is the test's. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAuditLog } from "@paddock/audit";
import {
  type ApprovalAnswer,
  newId,
  type Principal,
  type RunId,
  type RunState,
  type ShownQuestion,
} from "@paddock/contract";
import { builtinRules, type Rule, type Wants } from "@paddock/policy";
import { openGrants } from "../approvals/grants.ts";
import { openQuestions, type Questions } from "../approvals/questions.ts";
import { type Ended, openLedger } from "../ledger/ledger.ts";
import { openRules } from "../rules/rules.ts";
import type { Call, Handlers } from "../tools/handler.ts";
import { openWorkspaces } from "../workspaces/workspaces.ts";
import type { Observer } from "./active.ts";
import type { GateCall } from "./call.ts";
import { Gate } from "./gate.ts";

export const owner: Principal = { id: "tok_1", name: "laptop", surface: "mcp", toolset: "full", workspaces: [] };

interface WorldOptions {
  run?: (call: Call) => Promise<unknown>;
  network?: boolean;
  /** What the call wants, instead of the network or nothing. */
  wants?: (places: { workspace: string }) => Wants;
  rules?: readonly Rule[];
  folder?: string;
  ledgerFile?: string;
}

export function world({
  run = async () => ({ done: true }),
  network = false,
  wants = () => (network ? { network: true } : {}),
  rules = builtinRules,
  folder,
  ledgerFile = "ledger.sqlite3",
}: WorldOptions = {}) {
  const home = folder ?? mkdtempSync(join(tmpdir(), "paddock-gate-"));
  const log = { error: () => {} };
  mkdirSync(join(home, "log"), { recursive: true });
  const audit = openAuditLog({ folder: join(home, "log"), maxBytes: 1e6, keep: 2, mask: (text) => text, log });
  const ledger = openLedger(join(home, ledgerFile));
  const questions = openQuestions({
    channels: [],
    deviceThatSigned: () => null,
    refused: () => {},
    log: { warn: () => {} },
  });
  mkdirSync(join(home, "work"), { recursive: true });
  const workspaces = openWorkspaces({
    store: join(home, "roots.json"),
    standard: join(home, "work"),
    profile: "workspace",
    hidden: () => [],
    installation: "/nowhere",
    longestCallMs: 60_000,
  });
  const owners = openRules({ home, ownerHome: home, backupsKept: 5, onChange: () => {}, onFault: () => {} });
  const grants = openGrants();
  const handlers = handlersOf(wants, run);
  const gate = new Gate({
    ledger,
    audit,
    questions,
    grants,
    machine: "here",
    searchPath: "/usr/bin:/bin",
    workspaces,
    handlers,
    rules: {
      ...owners,
      inForce: () => [...rules, ...owners.state.rules],
      moment: () => ({ now: 0, latest: 0, minute: 0 }),
    },
    profile: "workspace",
    ...{ approvalTimeoutMs: 60_000, questionCharacters: 12_000 },
    log,
  });
  return {
    gate,
    questions,
    grants,
    ledger,
    owners,
    home,
    work: join(home, "work"),
    sealLog: () => void audit.seal(),
    audit: () =>
      readFileSync(audit.path, "utf8")
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    close: () => {
      owners.close();
      ledger.close();
      audit.close();
    },
    [Symbol.dispose]() {
      owners.close();
      ledger.close();
      audit.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Every tool wants and does the same. */
function handlersOf(wants: NonNullable<WorldOptions["wants"]>, run: NonNullable<WorldOptions["run"]>): Handlers {
  const handler = {
    wants: (_: unknown, { workspace }: { workspace: string }) => wants({ workspace }),
    run: async (_: unknown, made: Call) => ({ summary: "done", data: await run(made) }),
  };
  return new Proxy({}, { get: () => handler }) as Handlers;
}

export const call = (change: Partial<GateCall> = {}): GateCall => ({
  run: newId("run"),
  tool: "run_command",
  input: { command: "make" },
  principal: owner,
  deadline: Date.now() + 60_000,
  ...change,
});

interface Told {
  states: RunState[];
  question: Promise<ShownQuestion>;
  answer: Promise<{ state: RunState; result: Ended | null }>;
  /** Resolves when it was admitted and waits for the word. */
  admitted: Promise<void>;
}

export function observer(): Observer & Told {
  const answer = Promise.withResolvers<{ state: RunState; result: Ended | null }>();
  const question = Promise.withResolvers<ShownQuestion>();
  const admitted = Promise.withResolvers<void>();
  const states: RunState[] = [];
  return {
    admitted: admitted.promise,
    held: () => admitted.resolve(),
    connected: true,
    states,
    question: question.promise,
    answer: answer.promise,
    state: (_: RunId, state, asked) => {
      states.push(state);
      if (asked) question.resolve(asked);
    },
    result: (_, state, result) => answer.resolve({ state, result }),
  };
}

export const answer = (questions: Questions, id: string, given: ApprovalAnswer) =>
  questions.answer({ id, answer: given, channel: "cli", by: "owner", assurance: "local" });

export const envelopeOf = (result: Ended | null) => JSON.parse(result?.envelope?.toString() ?? "null");
