/** Questions about the text of a command, which are shown as it came, and remembered by it. */
import { setTimeout as wait } from "node:timers/promises";
import type { Owner } from "./mechanism.ts";

interface Asking {
  needs?: { reason: string };
  command?: string;
}

export function openNaiveQuestions() {
  const allowed = new Set<string>();
  let open: { text: string; command: string; answer(yes: boolean): void } | null = null;
  const question = async () => {
    while (open === null) await wait(5);
    return open;
  };
  const owner: Owner = {
    reads: async () => (await question()).text,
    async allows(minutes) {
      const { command, text, answer } = await question();
      if (minutes !== undefined) allowed.add(command);
      answer(true);
      return text;
    },
    // Says no where there is still something to say no to.
    async denies() {
      await wait(20);
      open?.answer(false);
      return "";
    },
    approvesContent: async () => undefined,
  };
  return {
    owner,
    /** Resolves when it is allowed. */
    async about({ needs, command = "" }: Asking): Promise<void> {
      if (!needs || allowed.has(command)) return;
      const isAllowed = await new Promise<boolean>((resolve) => {
        open = { command, text: `Command: ${command}\nReason: ${needs.reason}`, answer: resolve };
      });
      open = null;
      if (!isAllowed) throw new Error("denied");
    },
  };
}
