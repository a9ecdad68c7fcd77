/**
 * The ways to the owner, as the settings order them. Settings that cannot work stop the start; the code of the channels is
 * loaded with the first question or message, so that a runner that asks nothing does not carry it.
 */
import { isAbsolute, join } from "node:path";
import { type Config, type ConfigKey, PaddockError } from "@paddock/contract";
import { languageOf, texts } from "@paddock/contract/texts";
import type { Channel } from "../channel.ts";
import { guardedUrl } from "./http.ts";
import type { ChannelParts, Message, MessageChannel, Unavailable } from "./message-channel.ts";
import type { Order } from "./order.ts";
import { readSecret } from "./secret-file.ts";

export interface ChannelState {
  name: string;
  /** Null when it works. */
  unavailable: string | null;
}

export interface Channels extends Channel {
  /** Resolves when the channels know of every question that it is over, or have had their time for it. */
  close(): Promise<void>;
  list(): Promise<ChannelState[]>;
  /** Over the named channel, or the first one that works; gives its name. */
  tell(message: Message, name: string | null): Promise<{ told: string } | Unavailable>;
}

export interface OpenChannelsParts extends Omit<ChannelParts, "texts" | "timeoutMs"> {
  config: Config;
  /** Keys that the owner has set. */
  configured: readonly ConfigKey[];
  /** The state folder, which relative names of secret files start at. */
  home: string;
  environment: Readonly<Record<string, string | undefined>>;
}

/** What each channel needs besides; null for one that is not set up. */
interface Plan {
  ntfy: { url: URL; topic: string; token: string | null } | null;
  webhook: { url: URL; secret: string } | null;
}

/** Files that hold secrets of the settings, which no cage may show. */
export const secretFiles = ({ ntfy_token_file, webhook_secret_file, hub_proxy_file }: Config, home: string): string[] =>
  [ntfy_token_file, webhook_secret_file, hub_proxy_file].flatMap((path) =>
    path === undefined ? [] : [within(home, path)],
  );

/** Throws invalid_config. */
export function openChannels(parts: OpenChannelsParts): Channels {
  const { config, configured, environment } = parts;
  const groups = config.approval_channels.map((group) => group.split("+"));
  const plan: Plan = { ntfy: ntfyPlan(config, parts.home), webhook: webhookPlan(config, parts.home) };
  const missing = groups.flat().find((name) => name in plan && plan[name as keyof Plan] === null);
  if (missing !== undefined && configured.includes("approval_channels")) {
    throw new PaddockError(
      "invalid_config",
      `approval_channels names ${missing}, which is not set up.`,
      `Set ${missing === "ntfy" ? "ntfy_url and ntfy_topic" : "webhook_url and webhook_secret_file"}, or take it out.`,
    );
  }
  const timeoutMs = config.channel_timeout_seconds * 1000;
  const channelParts = { ...parts, timeoutMs, texts: texts[languageOf(environment, config.language)] };
  let loading: Promise<Order> | null = null;
  const order = () => {
    loading ??= load(groups, plan, channelParts);
    return loading;
  };
  return {
    name: "order",
    show: async (question, signal) => (await order()).show(question, signal),
    withdraw: async (id, outcome) => (await loading)?.withdraw(id, outcome),
    close: async () => (await loading)?.close(),
    list: async () => Promise.all((await order()).channels.map(stateOf)),
    tell: async (message, name) => (await order()).tell(message, name),
  };
}

async function load(
  groups: readonly (readonly string[])[],
  { ntfy, webhook }: Plan,
  parts: ChannelParts & Pick<OpenChannelsParts, "environment">,
): Promise<Order> {
  const [desktops, notifications, ntfys, servers, webhooks, orders] = await Promise.all([
    import("./desktop.ts"),
    import("./dbus/notifications.ts"),
    import("./ntfy/ntfy.ts"),
    import("./ntfy/server.ts"),
    import("./webhook/webhook.ts"),
    import("./order.ts"),
  ]);
  const made: Partial<Record<string, MessageChannel>> = {
    desktop: new desktops.Desktop(parts, notifications.openDesktopNotifications(parts.environment, parts.timeoutMs)),
    ...(ntfy && {
      ntfy: new ntfys.Ntfy({
        ...parts,
        server: servers.openNtfyServer(ntfy.url, ntfy.token, parts.timeoutMs),
        topic: ntfy.topic,
      }),
    }),
    ...(webhook && { webhook: new webhooks.Webhook({ ...parts, ...webhook }) }),
  };
  const asked = groups.flat();
  return new orders.Order({
    log: parts.log,
    groups: groups.map((group) => group.flatMap((name) => made[name] ?? [])),
    others: Object.entries(made).flatMap(([name, channel]) => (channel && !asked.includes(name) ? channel : [])),
    inbox: asked.includes("inbox"),
  });
}

async function stateOf(channel: MessageChannel): Promise<ChannelState> {
  const state = await channel.check();
  return { name: channel.name, unavailable: typeof state === "string" ? null : state.unavailable };
}

function ntfyPlan({ ntfy_url, ntfy_topic, ntfy_token_file }: Config, home: string): Plan["ntfy"] {
  if (ntfy_url === undefined && ntfy_topic === undefined && ntfy_token_file === undefined) return null;
  if (ntfy_url === undefined || ntfy_topic === undefined) throw half("ntfy_url", "ntfy_topic");
  const token = ntfy_token_file === undefined ? null : readSecret("ntfy_token_file", within(home, ntfy_token_file));
  return { url: guardedUrl("ntfy_url", ntfy_url), topic: ntfy_topic, token };
}

function webhookPlan({ webhook_url, webhook_secret_file }: Config, home: string): Plan["webhook"] {
  if (webhook_url === undefined && webhook_secret_file === undefined) return null;
  if (webhook_url === undefined || webhook_secret_file === undefined) throw half("webhook_url", "webhook_secret_file");
  const secret = readSecret("webhook_secret_file", within(home, webhook_secret_file));
  return { url: guardedUrl("webhook_url", webhook_url), secret };
}

const half = (one: ConfigKey, other: ConfigKey): PaddockError =>
  new PaddockError("invalid_config", `${one} and ${other} are of use only together.`, "Set both, or none.");

const within = (home: string, path: string): string => (isAbsolute(path) ? path : join(home, path));
