/** The hosts that cages may reach, as the owner sees and changes them. */
import type { AuditLog } from "@paddock/audit";
import * as z from "zod";
import type { Egress } from "../egress/egress.ts";
import { shownRule } from "../egress/host-rules.ts";
import type { ListedHost } from "../egress/network-list.ts";
import { parse, type Route } from "./server.ts";

const allowBody = z.object({ host: z.string().min(1).max(300), internal: z.boolean().default(false) });

export function networkRoutes({ egress: { mode, list }, audit }: { egress: Egress; audit: AuditLog }): Route[] {
  const all = () => ({ mode, hosts: list.hosts.map(shown) });
  return [
    { method: "GET", path: /^\/network$/, answer: all },
    {
      method: "POST",
      path: /^\/network$/,
      answer: ({ body }) => {
        const { host, internal } = parse(allowBody, body);
        audit.writeDurably({ event: "policy.changed", detail: { network: shown(list.allow(host, internal)) } });
        return all();
      },
    },
    {
      method: "DELETE",
      free: () => true,
      path: /^\/network$/,
      answer: ({ query }) => {
        const gone = list.remove(query.get("host") ?? "");
        audit.writeDurably({ event: "policy.changed", detail: { network: shown(gone), removed: true } });
        return all();
      },
    },
  ];
}

const shown = (rule: ListedHost) => ({ host: shownRule(rule), internal: rule.internal, source: rule.source });
