/** The answer that the options of `paddock approve` amount to. */
import { type ApprovalAnswer, PaddockError } from "@paddock/contract";
import { type CommandContext, countOption, textOption } from "../command.ts";

const longestMinutes = 24 * 60;

/** Throws invalid_input for options that contradict each other. */
export function answerOf(options: CommandContext["options"]): ApprovalAnswer {
  const minutes = countOption(options, "for", { min: 1, max: longestMinutes });
  const reason = textOption(options, "reason");
  const deny = options.deny === true;
  const always = options.always === true;
  const server = options.server === true;
  refuse(deny && (minutes !== undefined || always || server), "A no needs no --for, --server or --always.");
  refuse(always && (minutes !== undefined || server), "--always needs no --for and no --server.");
  refuse(server && minutes === undefined, "--server wants --for MINUTES.");
  refuse(reason !== undefined && !deny, "--reason goes with --deny.");
  if (deny) return reason === undefined ? { type: "deny" } : { type: "deny", reason };
  if (always) return { type: "allow_always" };
  if (minutes === undefined) return { type: "allow_once" };
  return { type: server ? "allow_server" : "allow_minutes", minutes };
}

function refuse(isWrong: boolean, words: string): void {
  if (isWrong) throw new PaddockError("invalid_input", words, "Say --deny, --always, or --for MINUTES.");
}
