/** Messages of agents to the owner: bounded in number, marked as theirs. */
import { maskSecrets, PaddockError, visible, visibleLine } from "@paddock/contract";
import { fill, type Texts } from "@paddock/contract/texts";
import type { notificationTools } from "@paddock/contract/tools";
import type { Channels } from "../approvals/channels/open-channels.ts";
import { barred } from "../approvals/channels/words.ts";
import type { Handlers } from "./handler.ts";

export interface NotificationParts {
  channels: Pick<Channels, "list" | "tell">;
  texts: Texts;
  /** What this machine calls itself. */
  machine: string;
  maxPerHour: number;
  clock?: () => number;
}

type ChannelName = "desktop" | "ntfy" | "webhook";

const hourMs = 3_600_000;

export function notificationHandlers(parts: NotificationParts): Handlers<keyof typeof notificationTools> {
  const { channels, texts, machine, maxPerHour, clock = Date.now } = parts;
  const sent = new Map<string, number[]>();

  /** Of one caller: an owner who is told too much hears nothing. */
  const count = (principal: string) => {
    const now = clock();
    const recent = (sent.get(principal) ?? []).filter((at) => now - at < hourMs);
    if (recent.length >= maxPerHour) {
      throw new PaddockError(
        "rate_limited",
        `${recent.length} notifications were sent within the last hour.`,
        "Say it in your answer instead, or later; the owner may raise notifications_per_hour.",
      );
    }
    sent.set(principal, [...recent, now]);
  };

  return {
    list_notification_channels: {
      async run() {
        const found = (await channels.list()).map(({ name, unavailable }) => ({
          name: name as ChannelName,
          available: unavailable === null,
          reason: unavailable,
        }));
        return {
          summary: `${found.filter(({ available }) => available).length} of ${found.length} channels work.`,
          data: { channels: found },
        };
      },
    },
    send_notification: {
      async run({ text, channel, urgent }, { principal }) {
        count(principal.id);
        const caller = visibleLine(principal.name);
        const message = {
          title: fill(texts.message_title, { caller, machine }),
          text: barred(visible(maskSecrets(text))).join("\n"),
          urgent,
        };
        const result = await channels.tell(message, channel ?? null);
        if ("told" in result) {
          return { summary: `Sent over ${result.told}.`, data: { channel: result.told as ChannelName } };
        }
        throw new PaddockError(
          "unavailable",
          `The owner could not be told: ${result.unavailable}.`,
          "list_notification_channels says what works. Say it in your answer instead.",
        );
      },
    },
  };
}
