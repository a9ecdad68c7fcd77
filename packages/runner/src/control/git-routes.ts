/** The git repositories that cages may reach, as the owner sees and changes them. No login is ever shown. */
import type { AuditLog } from "@paddock/audit";
import * as z from "zod";
import type { Egress } from "../egress/egress.ts";
import { type Repository, urlOf } from "../egress/repositories/repository-list.ts";
import { parse, type Route } from "./server.ts";

const allowBody = z.strictObject({
  url: z.string().min(1).max(2000),
  push: z.boolean().default(false),
  internal: z.boolean().default(false),
  login: z
    .strictObject({
      user: z
        .string()
        .min(1)
        .max(256)
        .regex(/^[^:\p{C}]+$/u),
      password: z.string().min(1).max(4096),
    })
    .nullable()
    .default(null),
});

export function gitRoutes({ egress: { repositories }, audit }: { egress: Egress; audit: AuditLog }): Route[] {
  const all = () => ({ repositories: repositories.all.map(shown) });
  return [
    { method: "GET", path: /^\/git$/, answer: all },
    {
      method: "POST",
      path: /^\/git$/,
      answer: ({ body }) => {
        const added = repositories.allow(parse(allowBody, body));
        audit.writeDurably({ event: "policy.changed", detail: { repository: shown(added) } });
        return all();
      },
    },
    {
      method: "DELETE",
      path: /^\/git$/,
      answer: ({ query }) => {
        const gone = repositories.remove(query.get("url") ?? "");
        audit.writeDurably({ event: "policy.changed", detail: { repository: shown(gone), removed: true } });
        return all();
      },
    },
  ];
}

const shown = (repository: Repository) => ({
  url: urlOf(repository),
  push: repository.push,
  internal: repository.internal,
  user: repository.login?.user ?? null,
});
