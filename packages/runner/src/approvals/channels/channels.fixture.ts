/** What the tests of channels ask, and where the answers arrive. */
import { type ApprovalOutcome, newId, PaddockError, type ShownLine, type ShownQuestion } from "@paddock/contract";
import { texts } from "@paddock/contract/texts";
import type { GivenAnswer } from "../channel.ts";
import type { RefusedAnswer } from "../refusals.ts";
import type { ChannelParts } from "./message-channel.ts";

export function questionOf(change: Partial<ShownQuestion> = {}): ShownQuestion {
  const lines: ShownLine[] = [
    { label: "command", text: "git push", from: "agent" },
    { label: "caller", text: "laptop", from: "paddock" },
  ];
  return {
    id: newId("apr"),
    run: newId("run"),
    machine: "box",
    assurance: "hub",
    risk: "medium",
    lines,
    offers: ["allow_once", "allow_minutes", "deny"],
    binding: "ab".repeat(32),
    askedAt: Date.now(),
    expiresAt: Date.now() + 300_000,
    ...change,
  };
}

/** Takes each answer once, as the real questions do. */
export interface Inbox {
  parts: ChannelParts;
  given: GivenAnswer[];
  refused: (RefusedAnswer & { code: string })[];
  warned: string[];
}

export function openInbox(): Inbox {
  const inbox: Inbox = { given: [], refused: [], warned: [], parts: undefined as never };
  inbox.parts = {
    texts: texts.en,
    timeoutMs: 5_000,
    async answer(given) {
      inbox.given.push(given);
      if (inbox.given.some((other) => other !== given && other.id === given.id)) {
        throw new PaddockError("not_found", "This question is over.");
      }
    },
    refused: (refused, code) => inbox.refused.push({ ...refused, code }),
    log: { warn: (_, message) => inbox.warned.push(message) },
  };
  return inbox;
}

export const answeredElsewhere: ApprovalOutcome = { type: "denied", channel: "inbox", by: "owner" };
