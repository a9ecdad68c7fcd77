/** What the owner can see and do on this machine, as routes of the control socket. */
import type { Exchange } from "@paddock/audit";
import { acceptedFaults, PaddockError, type Passphrase, runId } from "@paddock/contract";
import * as z from "zod";
import type { ContentApprovals } from "../approvals/content.ts";
import type { Egress } from "../egress/egress.ts";
import type { Explain } from "../gate/explain.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Rules } from "../rules/rules.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import { type ApprovalParts, approvalRoutes } from "./approval-routes.ts";
import { type ChannelRouteParts, channelRoutes } from "./channel-routes.ts";
import { gitRoutes } from "./git-routes.ts";
import { networkRoutes } from "./network-routes.ts";
import { passphraseRoutes } from "./passphrase.ts";
import { policyRoutes } from "./policy-routes.ts";
import { parse, type Route } from "./server.ts";

export interface RouteParts extends ApprovalParts, ChannelRouteParts {
  status(): unknown;
  content: ContentApprovals;
  workspaces: Workspaces;
  ledger: Ledger;
  heads: Pick<Exchange, "forget">;
  explain: Explain;
  rules: Rules;
  egress: Egress;
  passphrase: Passphrase;
}

const contentBody = z.object({ approve: z.boolean() });
const rootBody = z.object({
  path: z.string().min(1).max(4096),
  write: z.boolean().default(true),
  deny: z.boolean().default(false),
});

export function controlRoutes(parts: RouteParts): readonly Route[] {
  return [
    { method: "GET", path: /^\/status$/, answer: parts.status },
    ...approvalRoutes(parts),
    ...channelRoutes(parts),
    ...contentRoutes(parts),
    ...rootRoutes(parts),
    ...networkRoutes(parts),
    ...gitRoutes(parts),
    ...recordRoutes(parts),
    ...policyRoutes(parts),
    ...passphraseRoutes(parts),
  ];
}

function contentRoutes({ content, audit }: RouteParts): Route[] {
  return [
    { method: "GET", path: /^\/content$/, answer: () => ({ content: content.list() }) },
    {
      method: "POST",
      path: /^\/content\/([0-9a-f]+)$/,
      free: ({ body }) => contentBody.safeParse(body).data?.approve === false,
      answer: ({ parts: [hash = ""], body }) => {
        const { approve } = parse(contentBody, body);
        const entry = approve ? content.approve(hash) : content.forget(hash);
        audit.writeDurably({ event: "policy.changed", detail: { content: hash, approved: approve } });
        return entry;
      },
    },
  ];
}

function rootRoutes({ workspaces, audit }: RouteParts): Route[] {
  const list = () => ({ roots: workspaces.list, denied: workspaces.denied, standard: workspaces.standard });
  return [
    { method: "GET", path: /^\/roots$/, answer: list },
    {
      method: "POST",
      path: /^\/roots$/,
      answer: ({ body }) => {
        const { path, write, deny } = parse(rootBody, body);
        const detail = deny ? { denied: workspaces.deny(path) } : { root: workspaces.add(path, write) };
        audit.writeDurably({ event: "policy.changed", detail });
        return list();
      },
    },
    {
      method: "DELETE",
      path: /^\/roots$/,
      answer: ({ query }) => {
        const path = query.get("path") ?? "";
        workspaces.remove(path);
        audit.writeDurably({ event: "policy.changed", detail: { root: path, removed: true } });
        return list();
      },
    },
  ];
}

function recordRoutes({ ledger, audit, heads }: RouteParts): Route[] {
  return [
    {
      method: "GET",
      path: /^\/runs\/([^/]+)$/,
      answer: ({ parts: [id = ""] }) => {
        const entry = ledger.find(parse(runId, id));
        if (!entry) throw new PaddockError("run_not_found", `The runner knows no run ${id}.`);
        const { result, ...known } = entry;
        return { ...known, answer: result?.envelope ? JSON.parse(result.envelope.toString("utf8")) : null };
      },
    },
    { method: "GET", path: /^\/audit\/head$/, answer: () => audit.head },
    {
      method: "POST",
      path: /^\/audit\/accept$/,
      answer: ({ body }) => {
        audit.writeDurably({ event: "log.accepted", detail: parse(acceptedFaults, body) });
        heads.forget();
        return audit.head;
      },
    },
  ];
}
