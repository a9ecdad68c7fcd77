/** Telling the owner something, where they are. */
import * as z from "zod";
import { defineTool } from "../tool.ts";

const channelName = z.enum(["desktop", "ntfy", "webhook"]);

export const notificationTools = {
  list_notification_channels: defineTool({
    name: "list_notification_channels",
    title: "Notification channels",
    summary: "The ways in which send_notification can reach the owner, and whether each works now.",
    effect: "reads",
    toolset: "full",
    input: z.object({}),
    output: z.object({
      channels: z.array(
        z.object({
          name: channelName,
          available: z.boolean(),
          reason: z.string().nullable().describe("Why it does not work."),
        }),
      ),
    }),
  }),
  send_notification: defineTool({
    name: "send_notification",
    title: "Send a notification",
    summary:
      "Tell the owner something on their desktop or phone: that long work is done, or that you need them. It is shown as your words; it asks nothing and brings no answer.",
    effect: "reaches",
    toolset: "full",
    input: z.object({
      text: z.string().trim().min(1).max(1000),
      channel: channelName.optional().describe("The first one that works when absent."),
      urgent: z.boolean().default(false).describe("Breaks through silence; for what cannot wait."),
    }),
    output: z.object({ channel: channelName }),
  }),
} as const;
