/**
 * The tool lists that the owner accepted. Enabling a server accepts the list it has when it is first used; when the list
 * is another one later, nothing of it is shown or called until the owner has approved the new one. Words of a server
 * reach the model as part of its instructions, so a change of them is a change of what the owner agreed to.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import { type ContentApprovals, contentHash } from "../approvals/content.ts";
import { keptFile } from "../kept-file.ts";
import type { Server } from "./config.ts";
import type { DeclaredTool } from "./connection.ts";

const declaration = z.object({
  name: z.string(),
  title: z.string().optional().catch(undefined),
  description: z.string().default("").catch(""),
  inputSchema: z.record(z.string(), z.unknown()),
});
export type Declaration = z.output<typeof declaration>;

const accepted = z.object({
  /** What the owner configured, secrets aside: another command or address is another server. */
  identity: z.string(),
  hash: z.string(),
  /** Hash of each tool by its name, to say what has changed. */
  tools: z.record(z.string(), z.string()),
  /** The tools as they were accepted, where the owner exposes them by name. */
  declared: z.array(declaration).default([]),
});
const store = z.object({ version: z.literal(1), servers: z.record(z.string(), accepted) });

export interface ToolLists {
  /** Throws `inert` when the list is not the accepted one. */
  check(server: Server, tools: readonly DeclaredTool[]): void;
  /** The accepted tools of a server that exposes them by name; null while none were accepted as it is configured now. */
  named(server: Server): readonly Declaration[] | null;
}

export function openToolLists(file: string, approvals: ContentApprovals): ToolLists {
  const kept = keptFile(file, store, "Remove it if you trust what the bridged servers offer now.");
  const servers = kept.read()?.servers ?? {};

  function accept(server: Server, list: z.output<typeof accepted>): void {
    servers[server.id] = list;
    kept.write({ version: 1, servers });
  }

  return {
    check(server, tools) {
      const hashes = Object.fromEntries(tools.map((tool) => [tool.name, digest(canonical(tool))]));
      const identity = identityOf(server);
      const hash = contentHash("tool_list", [server.id, identity, canonical(hashes)]);
      const known = Object.hasOwn(servers, server.id) ? servers[server.id] : undefined;
      if (known?.hash === hash) return;
      if (known?.identity !== identity || approvals.isApproved("tool_list", hash)) {
        const declared = isNamed(server) ? tools.map((tool) => declaration.parse(tool)) : [];
        accept(server, { identity, hash, tools: hashes, declared });
        return;
      }
      const text = changesOf(known.tools, hashes, tools);
      const refusal = approvals.refusal({ kind: "tool_list", path: `The tool list of ${server.id}`, hash, text });
      if (refusal) throw refusal;
    },
    named(server) {
      const known = Object.hasOwn(servers, server.id) ? servers[server.id] : undefined;
      return known?.identity === identityOf(server) ? known.declared : null;
    },
  };
}

/** `meta_only` shows tools through mcp_tools alone. */
export const isNamed = ({ expose }: Server): boolean => expose === "all" || expose === "allowlist";

function identityOf(server: Server): string {
  const place = server.transport === "http" ? [server.url] : [server.command, ...server.args];
  return digest(canonical([server.transport, place, server.expose, server.tools]));
}

/** For the owner: which tools came, went or changed, then the new ones in full. */
function changesOf(
  before: Record<string, string>,
  after: Record<string, string>,
  tools: readonly DeclaredTool[],
): string {
  const gone = Object.keys(before).filter((name) => !Object.hasOwn(after, name));
  const changed = tools.filter(({ name }) => before[name] !== after[name]);
  return [
    ...gone.map((name) => `- ${name}`),
    ...changed.map(
      ({ name, description }) => `${Object.hasOwn(before, name) ? "~" : "+"} ${name}: ${description ?? ""}`,
    ),
    ...changed.map((tool) => JSON.stringify(tool, null, 2)),
  ].join("\n");
}

const digest = (text: string): string => createHash("sha256").update(text).digest("hex");

/** JSON with the keys of every object in order, so that only a change of what is said changes it. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
