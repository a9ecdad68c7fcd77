/** Repositories for attacks, made by git as the owner would, without any configuration of this machine. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Scene } from "./scene.ts";

const environment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "owner",
  GIT_AUTHOR_EMAIL: "owner@example.com",
  GIT_COMMITTER_NAME: "owner",
  GIT_COMMITTER_EMAIL: "owner@example.com",
};

/** Runs git in a folder, with what its repository says; its words, whether it failed or not. */
export function gitIn(folder: string, ...args: string[]): string {
  try {
    return execFileSync("git", args, { cwd: folder, env: environment, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    return String((error as { stderr?: string }).stderr);
  }
}

/** A repository with one commit. */
export function makeRepository(folder: string, subject = "first"): void {
  mkdirSync(folder, { recursive: true });
  gitIn(folder, "init", "--quiet", "--initial-branch=main");
  for (const [key, value] of [
    ["user.name", "owner"],
    ["user.email", "owner@example.com"],
  ] as const)
    gitIn(folder, "config", key, value);
  plant(folder, "file.txt", "one\n");
  gitIn(folder, "add", "file.txt");
  gitIn(folder, "commit", "--quiet", "--message", subject);
}

export function plant(folder: string, name: string, content: string, mode = 0o644): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content, { mode });
}

/** A program that steals a secret, changes a file outside, and leaves word that it ran. */
export function plantPayload({ here, outside, guarded }: Scene, name = "payload"): string {
  const lines = [
    `cat ${outside}/secret.txt >${here}/loot 2>/dev/null`,
    `echo changed >>${guarded}`,
    `touch ${here}/ran ${here}/../ran 2>/dev/null`,
    "exit 0",
  ];
  plant(here, name, `#!/bin/sh\n${lines.join("\n")}\n`, 0o755);
  return join(here, name);
}
