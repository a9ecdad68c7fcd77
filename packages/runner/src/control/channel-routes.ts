/** The ways to the owner, as the owner looks at them and tries them. */
import { PaddockError } from "@paddock/contract";
import { fill, type Texts } from "@paddock/contract/texts";
import type { Channels } from "../approvals/channels/open-channels.ts";
import type { Route } from "./server.ts";

export interface ChannelRouteParts {
  channels: Pick<Channels, "list" | "tell">;
  texts: Texts;
  machine: string;
}

export function channelRoutes({ channels, texts, machine }: ChannelRouteParts): Route[] {
  const message = { title: fill(texts.test_title, { machine }), text: texts.test_text, urgent: false };
  return [
    { method: "GET", path: /^\/channels$/, answer: async () => ({ channels: await channels.list() }) },
    {
      method: "POST",
      path: /^\/channels\/([^/]+)\/test$/,
      free: () => true,
      answer: async ({ parts: [name = ""] }) => {
        const result = await channels.tell(message, name);
        if ("told" in result) return result;
        throw new PaddockError("unavailable", `${result.unavailable}.`, "Look at `paddock notify list`.");
      },
    },
  ];
}
