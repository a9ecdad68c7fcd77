/** Changes one setting in the text of `config.toml`, and leaves all else as the owner has written it. */
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type ConfigKey, configKeys, PaddockError } from "@paddock/contract";
import { parse, stringify } from "smol-toml";
import { checkedConfig, readConfigFile } from "./config.ts";
import { nearest } from "./nearest.ts";

/** `value` is as it is typed: in TOML, else a text; null takes the setting out. Throws invalid_input, and invalid_config. */
export function changeSetting(configFile: string, name: string, value: string | null, now: Date): void {
  const key = keyNamed(name);
  const { text } = readConfigFile(configFile);
  const rest = without(text, key);
  const next = value === null ? rest : withLine(rest, stringify({ [key]: valueTyped(value) }));
  checkedConfig({ configFile, text: next });
  write(configFile, text, next, now);
}

function keyNamed(name: string): ConfigKey {
  const key = configKeys.find((one) => one === name);
  if (key) return key;
  const guess = nearest(name, configKeys);
  throw new PaddockError(
    "invalid_input",
    `There is no setting ${JSON.stringify(name.slice(0, 64))}.`,
    guess === null ? "`paddock config` lists them." : `Did you mean \`${guess}\`?`,
  );
}

/** A word that is no value of TOML is meant as a text. */
function valueTyped(typed: string): unknown {
  try {
    const { value, ...more } = parse(`value = ${typed}`);
    return Object.keys(more).length === 0 ? value : typed;
  } catch {
    return typed;
  }
}

/** A value may go over several lines: as few are taken out as leave a file that does not have the setting. */
function without(text: string, key: string): string {
  const lines = text.split("\n");
  const from = lines.findIndex((line) => new RegExp(`^\\s*["']?${key}["']?\\s*=`).test(line));
  if (from < 0) return text;
  for (let to = from + 1; to <= lines.length; to += 1) {
    const left = [...lines.slice(0, from), ...lines.slice(to)].join("\n");
    if (isWithout(left, key)) return left;
  }
  throw new PaddockError("invalid_config", `${key} could not be found in the file.`, "Change it by hand.");
}

function isWithout(text: string, key: string): boolean {
  try {
    return !Object.hasOwn(parse(text), key);
  } catch {
    return false;
  }
}

const withLine = (text: string, line: string): string =>
  `${text === "" || text.endsWith("\n") ? text : `${text}\n`}${line.trimEnd()}\n`;

/** Replaces the file at once; what was there before is kept beside it. */
function write(configFile: string, before: string, text: string, now: Date): void {
  if (text === before) return;
  const backups = backupsOf(configFile);
  mkdirSync(backups, { recursive: true, mode: 0o700 });
  if (before !== "") {
    writeFileSync(join(backups, `config-${now.toISOString().replaceAll(":", "-")}.toml`), before, { mode: 0o600 });
  }
  writeFileSync(`${configFile}.next`, text, { mode: 0o600 });
  chmodSync(`${configFile}.next`, 0o600);
  renameSync(`${configFile}.next`, configFile);
}

/** Removes all but so many of the former versions. */
export function dropOldBackups(configFile: string, kept: number): void {
  const backups = backupsOf(configFile);
  if (!existsSync(backups)) return;
  const names = readdirSync(backups).filter((name) => /^config-.*\.toml$/.test(name));
  for (const name of names.sort().slice(0, Math.max(names.length - kept, 0)))
    rmSync(join(backups, name), { force: true });
}

const backupsOf = (configFile: string): string => join(dirname(configFile), "backups");
