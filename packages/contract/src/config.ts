/**
 * Settings of an installation: one table. A value comes from the command line, the environment, `config.toml` in the
 * state folder, or the default, the first that has one; `paddock config` shows which.
 */
import * as z from "zod";

const mebibyte = 1024 * 1024;
const bytes = (value: number) => z.coerce.number().int().min(1).default(value);
const count = (value: number) => z.coerce.number().int().min(0).default(value);
const flag = (value: boolean) => z.union([z.boolean(), z.stringbool()]).default(value);
const list = z
  .union([
    z.array(z.string()),
    z.string().transform((text) =>
      text
        .split(",")
        .map((item) => item.trim())
        .filter(Boolean),
    ),
  ])
  .default([]);

/** Groups in the order in which they are tried; the channels of a group, joined by +, are asked at once. */
const channelOrder = list
  .unwrap()
  .pipe(z.array(z.string().regex(/^(desktop|ntfy|webhook|inbox)(\+(desktop|ntfy|webhook|inbox))*$/)).min(1))
  .default(["desktop+ntfy+webhook", "inbox"]);

/** Single addresses, and networks as ADDRESS/BITS. */
const addresses = list
  .unwrap()
  .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).max(64))
  .default([]);

export const configSchema = z.object({
  host: z.string().default("127.0.0.1").describe("Address to listen on."),
  port: z.coerce.number().int().min(0).max(65535).default(7420).describe("Port to listen on; 0 takes a free one."),
  public_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address under which clients reach the hub. Forwarded headers say nothing of it."),
  trusted_proxies: addresses.describe(
    "Addresses or networks of reverse proxies before the hub. Their X-Forwarded-For says where wrong credentials and sign-ins come from, for the limits on them, and nothing else.",
  ),
  allowed_origins: list.describe("Origins of web pages that may call the hub."),
  workspace: z.string().optional().describe("Default workspace; ~/paddock when absent."),
  profile: z.enum(["readonly", "workspace", "open"]).default("workspace").describe("What a cage shows of the machine."),
  sandbox: z
    .enum(["bwrap", "docker", "srt", "none"])
    .default("bwrap")
    .describe("How commands are contained: `srt` is for macOS and untested, `none` contains nothing."),
  docker_image: z
    .string()
    .default("")
    .describe(
      "Image of `docker` cages, by its digest: NAME@sha256:... or sha256:... It needs bash, coreutils and git.",
    ),
  docker_socket: z.string().default("/var/run/docker.sock").describe("Socket of the Docker engine on this machine."),
  hidden_paths: list.describe(
    "Files and folders that no agent sees, besides credentials: absolute, from ~/, or relative to every root, such as `.env`.",
  ),
  network: z
    .enum(["none", "allowlist", "open"])
    .default("allowlist")
    .describe("What programs in a cage reach: nothing, the owner's list, or every public address."),
  network_allow: list.describe("Hosts that cages may reach without asking, besides those of `paddock network list`."),
  network_max_connections: count(128).describe("Connections out of one cage at once."),
  network_idle_seconds: count(300).describe("A connection out of a cage without traffic for so long is closed."),
  answer_budget_seconds: z.coerce
    .number()
    .min(1)
    .max(300)
    .default(40)
    .describe("How long a surface waits before it answers with the run's id."),
  command_timeout_seconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(3600)
    .default(120)
    .describe("Time a command has when the caller names none."),
  approval_timeout_seconds: z.coerce
    .number()
    .int()
    .min(5)
    .max(86_400)
    .default(300)
    .describe("How long a question waits for the owner."),
  question_characters: z.coerce
    .number()
    .int()
    .min(1000)
    .max(16_000)
    .default(12_000)
    .describe(
      "Characters of a command, an edit or an input that a question shows; of a longer one also length and hash.",
    ),
  approval_channels: channelOrder.describe(
    "Ways to ask you, in the order in which they are tried: desktop, ntfy, webhook, inbox; those joined by + at once. Without inbox a question that reaches nobody is refused.",
  ),
  channel_timeout_seconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(60)
    .default(5)
    .describe("Time that the desktop, the ntfy server or the webhook has to answer, each time."),
  ntfy_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address of an ntfy server, for questions and messages on a phone."),
  ntfy_topic: z
    .string()
    .regex(/^[\w-]{1,56}$/, "one to 56 letters, digits, - or _")
    .optional()
    .describe("Topic on the ntfy server; answers are published to the one with -answers after its name."),
  ntfy_token_file: z
    .string()
    .optional()
    .describe("File with the token that reads and writes the topic; only yours to read."),
  webhook_url: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Address of a service of your own that questions and messages are posted to."),
  webhook_secret_file: z
    .string()
    .optional()
    .describe("File with the secret that both sides sign with; only yours to read."),
  hub_proxy_file: z
    .string()
    .optional()
    .describe(
      "File with the address of the HTTP proxy through which this machine reaches its hub, http://USER:PASSWORD@HOST:PORT; only yours to read. Without it the environment's https_proxy and its like count.",
    ),
  notifications_per_hour: count(20).describe("Messages that one caller may send you in an hour."),
  language: z
    .enum(["auto", "en", "zh"])
    .default("auto")
    .describe(
      "Language of questions, messages and pages; auto is that of the environment, for pages that of the browser.",
    ),
  memory_bytes: bytes(2048 * mebibyte).describe("Memory one cage may use."),
  max_cpus: z.coerce
    .number()
    .min(0.05)
    .max(1024)
    .default(4)
    .describe("Processors' worth of time that one cage may use; 0.5 is half of one."),
  max_pids: count(512).describe("Processes and threads in one cage."),
  tmp_bytes: bytes(512 * mebibyte).describe("Size of a cage's /tmp."),
  max_open_files: count(4096).describe("Open files of one process in a cage."),
  max_file_bytes: bytes(4096 * mebibyte).describe("Largest file that a process in a cage may write."),
  command_output_bytes: bytes(100_000).describe("Output of one command that is in its answer; the rest is kept."),
  max_runs_per_caller: count(250).describe("Calls of one token that may be under way at once."),
  stop_grace_seconds: count(5).describe("Time a background process has to end before it is killed."),
  max_processes: count(16).describe("Background processes at once, per principal and workspace."),
  process_output_bytes: bytes(4 * mebibyte).describe("Output kept of each background process."),
  checkpoints: flag(true).describe("Keep what a change replaces, for rewind."),
  checkpoint_count: count(500).describe("Checkpoints kept."),
  checkpoint_bytes: bytes(1024 * mebibyte).describe(
    "Copies of files that checkpoints keep, altogether; the oldest go first.",
  ),
  checkpoint_days: count(30).describe("Days a checkpoint is kept."),
  checkpoint_file_bytes: bytes(5 * mebibyte).describe(
    "Larger files are changed without a copy, and the answer says so.",
  ),
  memory_max_bytes: count(25_000).describe("Instruction files passed to the model, in bytes altogether."),
  memory_max_lines: count(200).describe("Lines of one instruction file passed to the model."),
  hook_timeout_seconds: z.coerce.number().int().min(1).max(120).default(15).describe("Time a post-edit hook has."),
  bridge_idle_seconds: count(600).describe("A bridged server unused for so long is stopped."),
  bridge_start_seconds: z.coerce
    .number()
    .int()
    .min(1)
    .max(300)
    .default(30)
    .describe("Time a bridged server has to start, and to list its tools."),
  audit_max_bytes: bytes(64 * mebibyte).describe("An audit file is rotated at this size."),
  audit_keep: count(10).describe("Rotated audit files kept."),
  failed_credentials_per_minute: count(20).describe("Failed credentials from one address before it has to wait."),
  result_keep_days: count(7).describe(
    "Days that runs with their answers, tokens and consents are kept after their end.",
  ),
  result_keep_bytes: bytes(1024 * mebibyte).describe(
    "Room for the answers of finished runs, altogether; the oldest go first, and the runs stay on record.",
  ),
  backups_kept: count(5).describe("Former versions kept of config.toml, and as many of policy.toml."),
  log_level: z.enum(["debug", "info", "warn", "error"]).default("info").describe("How much is logged."),
});

export type Config = z.output<typeof configSchema>;
export type ConfigKey = keyof Config;
export const configKeys = Object.keys(configSchema.shape) as ConfigKey[];

/** The environment variable of a key, `PADDOCK_PORT` for `port`. */
export const environmentName = (key: ConfigKey): string => `PADDOCK_${key.toUpperCase()}`;

export type Origin = "flag" | "environment" | "file" | "default";
export interface ConfigSources {
  flags?: Readonly<Record<string, unknown>>;
  environment: Readonly<Record<string, string | undefined>>;
  file: Readonly<Record<string, unknown>>;
}

export interface ResolvedConfig {
  values: Config;
  origins: Record<ConfigKey, Origin>;
}

/** Merges the sources. Throws a ZodError that names the key; unknown keys of the file are an error too. */
export function resolveConfig({ flags = {}, environment, file }: ConfigSources): ResolvedConfig {
  const origins = {} as Record<ConfigKey, Origin>;
  const merged: Record<string, unknown> = {};
  for (const key of configKeys) {
    const found = (
      [
        ["flag", flags[key]],
        ["environment", environment[environmentName(key)]],
        ["file", file[key]],
      ] as const
    ).find(([, value]) => value !== undefined && value !== "");
    origins[key] = found?.[0] ?? "default";
    if (found) merged[key] = found[1];
  }
  const unknown = Object.keys(file).filter((key) => !(key in configSchema.shape));
  return {
    values: z
      .strictObject(configSchema.shape)
      .parse({ ...Object.fromEntries(unknown.map((key) => [key, file[key]])), ...merged }),
    origins,
  };
}
