/** The settings in force, read from the command line, the environment and `config.toml`. */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { type Config, PaddockError, type ResolvedConfig, resolveConfig } from "@paddock/contract";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";
import type { Places } from "./home.ts";

export function loadConfig(
  { configFile }: Places,
  environment: NodeJS.ProcessEnv,
  flags: Record<string, unknown> = {},
): ResolvedConfig {
  const file = readFile(configFile);
  try {
    return resolveConfig({ flags, environment, file });
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    throw new PaddockError("invalid_config", error.issues.map((issue) => sentence(issue, configFile)).join(" "));
  }
}

/** The default workspace, absolute. */
export const workspaceOf = (config: Config): string => resolve(config.workspace ?? join(homedir(), "paddock"));

function readFile(path: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw new PaddockError("invalid_config", `${path} cannot be read: ${(error as Error).message}.`);
  }
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new PaddockError("invalid_config", `${path}, line ${error.line}: ${error.message.split("\n")[0]}.`);
  }
}

function sentence(issue: z.core.$ZodIssue, path: string): string {
  if (issue.code === "unrecognized_keys") return `${path} has a key that does not exist: ${issue.keys.join(", ")}.`;
  return `${issue.path.join(".")}: ${issue.message}.`;
}
