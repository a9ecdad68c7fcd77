/** The owner's view of OAuth clients: which there are, what each may do, and the end of it. */
import { PaddockError } from "@paddock/contract";
import { Hono } from "hono";
import { clientWish } from "../oauth/clients.ts";
import type { Oauth } from "../oauth/oauth.ts";
import { bodyOf, parsed } from "./wish.ts";

type Parts = Pick<Oauth, "clients" | "consents">;

export function clientRoutes(parts: Parts): Hono {
  const { clients, consents } = parts;
  const app = new Hono();
  app.get("/", (context) => context.json({ clients: clients.list(), consents: consents.list() }));
  app.post("/", async (context) => {
    const wish = parsed(clientWish, await bodyOf(context.req.raw));
    const { checkAdded } = await import("../oauth/client-rules.ts");
    checkAdded(wish.redirects);
    return context.json(clients.add(wish, Date.now()), 201);
  });
  app.delete("/:id", (context) => context.json(revoke(context.req.param("id"), parts)));
  return app;
}

/** A consent by its id, or by the client's id all that it has, with the client itself. */
function revoke(id: string, { clients, consents }: Parts) {
  const now = Date.now();
  const meant = consents.list().filter((consent) => consent.id === id || consent.client === id);
  const removed = clients.remove(id, now);
  if (meant.length === 0 && !removed) {
    throw new PaddockError(
      "not_found",
      `There is no client ${id.slice(0, 64)}.`,
      "List them with `paddock client list`.",
    );
  }
  return { removed, consents: meant.map((consent) => consents.revoke(consent.id, now, "revoked by the owner")) };
}
