/** What `owner create` and `owner reset` share: a password from standard input, or a link to set it with. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { bold, dim, type Shown } from "../shown.ts";
import { standardInput } from "../standard-input.ts";

/** `again` for an account that is there already. */
export async function setUpOwner({ places, options }: CommandContext, again: boolean): Promise<Shown> {
  const password = options.stdin === true ? (await standardInput()).replace(/\r?\n$/, "") : undefined;
  const answer = await control<{ url?: string; expiresAt?: string }>({
    socket: places.hubControl,
    method: "POST",
    path: "/owner",
    body: { again, ...(password === undefined ? {} : { password }) },
  });
  if (answer.url === undefined) return { json: {}, text: "The password is set." };
  const until = answer.expiresAt?.slice(11, 16);
  return {
    json: answer,
    text: [
      bold(answer.url),
      dim(`Open it in a browser and choose a password. It is good once, until ${until} UTC.`),
    ].join("\n"),
  };
}
