/** The settings in force, read from the command line, the environment and `config.toml`. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { resolve } from "node:path";
import {
  type Config,
  type ConfigKey,
  environmentName,
  PaddockError,
  type ResolvedConfig,
  resolveConfig,
} from "@paddock/contract";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import type { Places } from "./home.ts";

export function loadConfig(
  { configFile }: Places,
  environment: NodeJS.ProcessEnv,
  flags: Record<string, unknown> = {},
): ResolvedConfig {
  const { text, values } = readConfigFile(configFile);
  return resolved({ configFile, text, environment }, values, flags);
}

/** The settings of a text that is to become the file, by itself. Throws invalid_config. */
export const checkedConfig = ({ configFile, text }: { configFile: string; text: string }): ResolvedConfig =>
  resolved({ configFile, text, environment: {} }, parsed(configFile, text), {});

function resolved(read: Read, values: Record<string, unknown>, flags: Record<string, unknown>): ResolvedConfig {
  const { environment } = read;
  try {
    return resolveConfig({ flags, environment, file: values });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const sentences = error.issues.flatMap((issue) => said(issue, read));
    throw new PaddockError("invalid_config", sentences.join(" "));
  }
}

/** The default workspace, absolute. A leading `~` is the owner's home, as people write it where no shell reads it. */
export const workspaceOf = ({ workspace = "~/paddock" }: Config): string =>
  resolve(workspace.replace(/^~(?=\/|$)/, homedir()));

export function readConfigFile(path: string): { text: string; values: Record<string, unknown> } {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { text: "", values: {} };
    throw new PaddockError("invalid_config", `${path} cannot be read: ${(error as Error).message}.`);
  }
  return { text, values: parsed(path, text) };
}

function parsed(path: string, text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const reason = error.message.split("\n")[0]?.replace("Invalid TOML document: ", "");
    throw new PaddockError("invalid_config", `${path}, line ${error.line}, is not TOML: ${reason}.`);
  }
}

interface Read {
  configFile: string;
  text: string;
  environment: NodeJS.ProcessEnv;
}

/** What is wrong, and where the owner wrote it. */
function said(issue: z.core.$ZodIssue, read: Read): string[] {
  const { configFile, text, environment } = read;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${configFile}${lineOf(text, key)}: there is no setting ${JSON.stringify(key)}.`);
  }
  const key = String(issue.path[0]) as ConfigKey;
  const variable = environmentName(key);
  const place = environment[variable] ? variable : `${configFile}${lineOf(text, key)}, ${key}`;
  return [`${place}: ${issue.message}.`];
}

function lineOf(text: string, key: string): string {
  const at = text.split("\n").findIndex((line) => line.trimStart().replace(/^["']/, "").startsWith(key));
  return at < 0 ? "" : `, line ${at + 1}`;
}
