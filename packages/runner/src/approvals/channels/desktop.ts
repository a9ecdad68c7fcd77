/**
 * Questions on the owner's desktop. An answer counts as given on the machine: whoever can press the button has the owner's
 * session. Closing a note without a button says no.
 */
import { setTimeout as wait } from "node:timers/promises";
import {
  type ApprovalAnswer,
  type ApprovalId,
  type ApprovalOutcome,
  PaddockError,
  type ShownQuestion,
} from "@paddock/contract";
import { buttonsOf } from "./buttons.ts";
import type { DesktopNotifications, ShownNote } from "./dbus/notifications.ts";
import type { ChannelParts, Message, MessageChannel, Unavailable } from "./message-channel.ts";
import { outcomeWords, questionWords, titleOf } from "./words.ts";

const room = { characters: 900, lines: 24 };
const mostButtons = 5;
const firstDelayMs = 500;
const longestDelayMs = 10_000;

export class Desktop implements MessageChannel {
  readonly name = "desktop";
  readonly #parts: ChannelParts;
  readonly #notifications: DesktopNotifications;
  readonly #open = new Map<ApprovalId, { question: ShownQuestion; note: ShownNote }>();

  constructor(parts: ChannelParts, notifications: DesktopNotifications) {
    this.#parts = parts;
    this.#notifications = notifications;
  }

  async show(question: ShownQuestion, signal: AbortSignal): Promise<"shown" | Unavailable> {
    const { texts } = this.#parts;
    const { title, text, whole } = questionWords(question, texts, room);
    const buttons = buttonsOf(question, texts, mostButtons, whole);
    const note = await this.#notifications.show(
      // A runner that is killed takes no note away: it goes with the question.
      { title, text, critical: true, expiresInMs: question.expiresAt - Date.now(), buttons },
      {
        pressed: (key) => this.#give(question, buttons.find((button) => button.key === key)?.answer),
        dismissed: () => this.#give(question, { type: "deny" }),
        lost: () => void this.#showAgain(question, signal),
      },
    );
    if ("unavailable" in note) return note;
    if (signal.aborted) await note.close();
    else this.#open.set(question.id, { question, note });
    return "shown";
  }

  async withdraw(id: ApprovalId, outcome: ApprovalOutcome): Promise<void> {
    const open = this.#open.get(id);
    this.#open.delete(id);
    if (!open) return;
    await open.note.close();
    if (outcome.channel === this.name) return;
    const { texts } = this.#parts;
    await this.tell({ title: titleOf(open.question, texts), text: outcomeWords(outcome, texts), urgent: false });
  }

  async tell({ title, text, urgent }: Message): Promise<"told" | Unavailable> {
    const note = await this.#notifications.show({ title, text, critical: urgent, expiresInMs: null, buttons: [] });
    return "unavailable" in note ? note : "told";
  }

  check(): Promise<"available" | Unavailable> {
    return this.#notifications.check();
  }

  #give(question: ShownQuestion, answer: ApprovalAnswer | undefined): void {
    if (!answer) return;
    const given = { id: question.id, answer, channel: this.name, by: "desktop", assurance: "local" as const };
    this.#parts.answer(given).catch((fault: unknown) => {
      if (!(fault instanceof PaddockError)) this.#parts.log.warn({ err: fault }, "an answer on the desktop was lost");
    });
  }

  /** The desktop's service or its bus was started anew: what waits is shown there again. */
  async #showAgain(question: ShownQuestion, signal: AbortSignal): Promise<void> {
    this.#open.delete(question.id);
    for (let delay = firstDelayMs; !signal.aborted; delay = Math.min(delay * 2, longestDelayMs)) {
      await wait(delay, undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted || (await this.show(question, signal)) === "shown") return;
    }
  }
}
