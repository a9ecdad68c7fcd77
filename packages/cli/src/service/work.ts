/** What a service keeps running, whatever the system's own word for it is. */
import { homedir, userInfo } from "node:os";
import { PaddockError } from "@paddock/contract/errors";
import { type CommandContext, textOption } from "../command.ts";
import { commandFile } from "../own-command.ts";

export interface Work {
  /** The name of the service: paddock, paddock-hub or paddock-runner. */
  name: string;
  part: "up" | "hub" | "runner";
  /** Program and arguments. */
  argv: readonly string[];
  /** What it needs to know of the shell in which it was installed. No secret is among it. */
  environment: Readonly<Record<string, string>>;
  state: string;
  user: string;
  uid: number;
  ownerHome: string;
  configHome: string;
}

export function workOf({ places, environment, options }: CommandContext): Work {
  const part = partOf(textOption(options, "only"));
  const { PATH = "/usr/local/bin:/usr/bin:/bin", PADDOCK_HOME, HOME = homedir(), XDG_CONFIG_HOME } = environment;
  const { username, uid } = userInfo();
  const work: Work = {
    ...{ name: part === "up" ? "paddock" : `paddock-${part}`, part },
    argv: [process.execPath, commandFile, part, ...(part === "up" ? ["--json"] : [])],
    environment: { PATH, ...(PADDOCK_HOME ? { PADDOCK_HOME: places.home } : {}) },
    ...{ state: places.home, user: username, uid },
    ...{ ownerHome: HOME, configHome: XDG_CONFIG_HOME || `${HOME}/.config` },
  };
  refuseControls([...work.argv, ...Object.values(work.environment), work.state]);
  return work;
}

function partOf(only: string | undefined): Work["part"] {
  if (only === undefined) return "up";
  if (only === "hub" || only === "runner") return only;
  throw new PaddockError("invalid_input", `--only takes hub or runner, not ${JSON.stringify(only)}.`);
}

/** A definition is lines of text: a name with a line break in it could say anything. */
function refuseControls(texts: readonly string[]): void {
  const wrong = texts.find((text) => /\p{Cc}/u.test(text));
  if (wrong !== undefined) {
    throw new PaddockError(
      "invalid_input",
      `${JSON.stringify(wrong)} cannot stand in a service's definition.`,
      "Use paths without control characters.",
    );
  }
}

const summaries = {
  up: "Paddock: agents work on this machine, under its owner's control",
  hub: "Paddock's hub: decides who may ask",
  runner: "Paddock's runner: agents work on this machine, under its owner's control",
} as const satisfies Record<Work["part"], string>;

export const summaryOf = (part: Work["part"]): string => summaries[part];
