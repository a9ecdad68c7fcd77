/** Git's own words, fit to be shown: bounded, one line where a line is wanted, without control characters. */
import { PaddockError, printable } from "@paddock/contract";
import type { Finished } from "../sandbox/cage.ts";

const mostCharacters = 2000;

/** Passwords that stand in an address are nobody's business. */
export const withoutPasswords = (text: string): string =>
  text.replace(/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@]*@/gi, "$1***@");

/** What git printed, errors first, bounded. */
export function wordsOf({ stdout, stderr }: Pick<Finished, "stdout" | "stderr">): string {
  const words = [stderr, stdout].map((part) => part.toString("utf8").trim()).filter(Boolean);
  const text = withoutPasswords(printable(words.join("\n")));
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text;
}

/** The failure that a git which ended badly stands for. */
export function failureOf(command: string, finished: Finished): PaddockError {
  if (finished.timedOut)
    return new PaddockError("timeout", `git ${command} took too long and was ended.`, nextStepOfTimeout);
  const words = wordsOf(finished);
  if (finished.code === 127 || /execvp git: |git: (command )?not found/.test(words)) {
    return new PaddockError(
      "command_not_found",
      "git is not installed on this machine.",
      "The owner installs it, on Debian with `apt install git`.",
    );
  }
  if (/not a git repository|must be run in a work tree/i.test(words))
    return new PaddockError("not_a_repository", words);
  if (/Author identity unknown|no email was given|no name was given/i.test(words)) {
    return new PaddockError("git_failed", `git ${command}: ${words}`, nextStepOfIdentity);
  }
  if (/nothing to commit|no changes added to commit|nothing added to commit/i.test(words)) {
    return new PaddockError("git_failed", `git ${command}: ${words}`, nextStepOfNothing);
  }
  return new PaddockError("git_failed", `git ${command}: ${words || `ended with ${finished.code ?? finished.signal}`}`);
}

const nextStepOfTimeout = "Name fewer files, or look whether something holds the repository.";
const nextStepOfNothing = "Stage what belongs to the commit with git_add, or say stage_all.";
const nextStepOfIdentity =
  "The owner of the machine sets them once with `git config --global user.name NAME` and `git config --global user.email ADDRESS`.";
