/** The tokens, without their secrets. */
import type { CommandContext } from "../command.ts";
import { control } from "../control/request.ts";
import { type Shown, table } from "../shown.ts";

interface Token {
  id: string;
  name: string;
  toolset: string;
  scope: string;
  workspaces: string[];
  /** RFC 3339. */
  expiresAt: string | null;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export async function run({ places }: CommandContext): Promise<Shown> {
  const { tokens } = await control<{ tokens: Token[] }>({ socket: places.hubControl, path: "/tokens" });
  const rows = tokens.map((token) => [
    token.id,
    token.name,
    token.scope === "metrics" ? "metrics" : token.toolset,
    day(token.lastUsedAt) || "never",
    stateOf(token),
  ]);
  return {
    json: tokens,
    text: tokens.length === 0 ? "There are no tokens." : table(["ID", "NAME", "TOOLSET", "LAST USED", "STATE"], rows),
  };
}

function stateOf({ revokedAt, expiresAt }: Token): string {
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  if (expiresAt === null) return "valid";
  return Date.parse(expiresAt) < Date.now() ? `expired ${day(expiresAt)}` : `valid until ${day(expiresAt)}`;
}

const day = (at: string | null): string => at?.slice(0, 10) ?? "";
