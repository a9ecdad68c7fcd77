/** What the owner can say about machines on the hub's control socket. */
import { PaddockError } from "@paddock/contract";
import { joinCodeText } from "@paddock/link/join-code";
import { Hono } from "hono";
import { bodyOf, parsed } from "../control/wish.ts";
import { inviteWish } from "./invitations.ts";
import type { RotatedKey } from "./lazy-remote-links.ts";
import { changeWish, type Registry } from "./registry.ts";

export interface MachineRouteParts {
  registry: Registry;
  /** Of the hub's key. */
  fingerprint(): Promise<string>;
  /** Makes another. */
  rotateHubKey(): Promise<RotatedKey>;
  /** The address that machines use. */
  url(): string;
}

export function machineRoutes({ registry, fingerprint, rotateHubKey, url }: MachineRouteParts): Hono {
  const app = new Hono();
  app.get("/", (context) => context.json({ machines: registry.list() }));
  app.post("/codes", async (context) => {
    const { secret, ...invitation } = registry.invite(parsed(inviteWish, await bodyOf(context.req.raw)));
    const code = joinCodeText({ secret, hub: await fingerprint() });
    return context.json({ code, url: url(), ...invitation }, 201);
  });
  app.get("/:name", (context) => context.json(registry.show(context.req.param("name"))));
  app.post("/:name", async (context) => {
    const wish = parsed(changeWish, await bodyOf(context.req.raw));
    if (Object.keys(wish).length === 0) throw new PaddockError("invalid_input", "There is nothing to change.");
    return context.json(registry.change(context.req.param("name"), wish));
  });
  app.post("/:name/rotate-key", async (context) => context.json(await registry.rotateKey(context.req.param("name"))));
  app.post("/hub/replace-key", async (context) => context.json(await rotateHubKey()));
  app.delete("/:name", (context) => context.json(registry.remove(context.req.param("name"))));
  return app;
}
