/** The names of callers for people: a token's name instead of its id. */
import type { Places } from "../home.ts";
import { shortened } from "../shown.ts";
import { control, whenRunning } from "./request.ts";

const longest = 24;

export async function callerNames({ hubControl }: Places): Promise<(principal: string) => string> {
  const found = await whenRunning(
    control<{ tokens: { id: string; name: string }[] }>({ socket: hubControl, path: "/tokens" }),
  );
  const names = new Map(found?.tokens.map(({ id, name }) => [id, name]));
  return (principal) => shortened(names.get(principal) ?? principal, longest);
}
