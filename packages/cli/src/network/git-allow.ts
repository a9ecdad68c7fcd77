/** Lets commands use git with a repository over HTTPS; the token stays outside of every cage. */
import { PaddockError } from "@paddock/contract/errors";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import type { Shown } from "../shown.ts";
import { standardInput } from "../standard-input.ts";
import { type RepositoryRows, shownRepositories } from "./git-list.ts";

export async function run({ places, args: [url = ""], options }: CommandContext): Promise<Shown> {
  const body = {
    url,
    push: options.push === true,
    internal: options.internal === true,
    login: options.tokenStdin === true ? await loginOf(textOption(options, "user")) : null,
  };
  const call = { socket: places.runnerControl, method: "POST", path: "/git", body } as const;
  return shownRepositories(await control<RepositoryRows>(call));
}

/** Hosts that take tokens take any name with them. */
async function loginOf(user = "git") {
  const password = (await standardInput()).trim();
  if (password !== "") return { user, password };
  throw new PaddockError(
    "invalid_input",
    "Standard input holds no token.",
    "Pipe it in: `paddock git allow URL --token-stdin < FILE`.",
  );
}
