/** Makes a client known by hand. Its secret is shown here and never again. */
import { PaddockError } from "@paddock/contract";
import { type CommandContext, textOption } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, dim, printable, type Shown } from "../shown.ts";

interface Added {
  id: string;
  name: string;
  secret?: string;
}

export async function run({ places, args: [name = ""], options }: CommandContext): Promise<Shown> {
  const redirects = Array.isArray(options.redirect) ? options.redirect.map(String) : [];
  if (redirects.length === 0) {
    throw new PaddockError("invalid_input", "A client needs an address for its answers.", "Add --redirect URL.");
  }
  const secret = textOption(options, "secret");
  const added = await control<Added>({
    socket: places.hubControl,
    method: "POST",
    path: "/clients",
    body: { name, redirects, ...(secret === undefined ? {} : { secret }) },
  });
  return {
    json: added,
    text: [
      `${dim("client id")}      ${bold(added.id)}`,
      ...(added.secret === undefined ? [] : [`${dim("client secret")}  ${bold(added.secret)}`]),
      dim(`${printable(added.name)}.${added.secret === undefined ? "" : " The secret is shown only now."}`),
    ].join("\n"),
  };
}
