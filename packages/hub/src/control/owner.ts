/** The owner's account, as it is made and mended on the machine itself. */
import { PaddockError } from "@paddock/contract";
import { Hono } from "hono";
import * as z from "zod";
import type { Accounts } from "../accounts/accounts.ts";
import { bodyOf, parsed } from "./wish.ts";

/** `again` for an account that is there already. Without a password the answer has a link to set it with. */
const wish = z.strictObject({ again: z.boolean().default(false), password: z.string().optional() });

export function ownerRoutes(accounts: Pick<Accounts, "exists" | "makeCode" | "setPassword">): Hono {
  const app = new Hono();
  app.post("/", async (context) => {
    const { again, password } = parsed(wish, await bodyOf(context.req.raw));
    await checkExists(accounts, again);
    if (password === undefined) return context.json(accounts.makeCode(Date.now()), 201);
    await accounts.setPassword(password);
    return context.json({}, 201);
  });
  return app;
}

async function checkExists(accounts: Pick<Accounts, "exists">, expected: boolean): Promise<void> {
  if ((await accounts.exists()) === expected) return;
  throw expected
    ? new PaddockError("not_found", "There is no account yet.", "Make it with `paddock owner create`.")
    : new PaddockError(
        "invalid_input",
        "There is an account already.",
        "Give it a new password: `paddock owner reset`.",
      );
}
