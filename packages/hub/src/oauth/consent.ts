/** The owner's answer to a client that asks to be let in: the page before it, and what it comes to. */
import type { AuditSink } from "@paddock/audit";
import { newId, ownerId, PaddockError, toolsetName } from "@paddock/contract";
import type { Interaction, Provider } from "oidc-provider";
import { errors } from "oidc-provider";
import * as z from "zod";
import type { Accounts, Visitor } from "../accounts/accounts.ts";
import { checkProof, readForm } from "../accounts/forms.ts";
import { redirect, sendRefusal, type Visit } from "../accounts/visit.ts";
import { pagePolicy, sendPage } from "../surfaces/html.ts";
import { redirectHost } from "./client-rules.ts";
import type { Clients } from "./clients.ts";
import { consentPage, dayChoices, everyMachine, expiredPage, type NamedMachine, shownName } from "./consent-page.ts";
import type { Consents } from "./consents.ts";

export interface ConsentPageParts {
  provider: Provider;
  accounts: Pick<Accounts, "visitor">;
  consents: Consents;
  clients: Pick<Clients, "find">;
  audit: AuditSink;
  url: string;
  machines(): readonly NamedMachine[];
}

const choice = z.object({
  answer: z.enum(["allow", "refuse"]),
  toolset: toolsetName,
  machines: z.array(z.string().max(64)).min(1).max(65),
  days: z.coerce.number().refine((days) => dayChoices.some((one) => one === days)),
});
type Choice = z.output<typeof choice>;

/** What an authorization request has come to by the time the owner sees it; it was checked before. */
const asked = z.object({
  client_id: z.string(),
  redirect_uri: z.string(),
  scope: z.string(),
  resource: z.union([
    z.string(),
    z
      .array(z.string())
      .length(1)
      .transform(([one = ""]) => one),
  ]),
});
type Asked = z.output<typeof asked>;

const dayMs = 86_400_000;

export async function answerConsent(visit: Visit, parts: ConsentPageParts): Promise<void> {
  const { request, response, language } = visit;
  try {
    const interaction = await interactionOf(visit, parts.provider);
    if (!interaction) return sendPage(response, expiredPage(language), { status: 400, policy: pagePolicy() });
    const visitor = await parts.accounts.visitor(request);
    if (!visitor) return redirect(visit, `/sign-in?next=${encodeURIComponent(`/consent/${interaction.uid}`)}`);
    if (request.method === "GET") return await ask(visit, interaction, visitor, parts);
    if (request.method === "POST") return await take(visit, interaction, visitor, parts);
    throw new PaddockError("method_not_allowed", "The page exists, but not for this.");
  } catch (error) {
    sendRefusal(visit, error);
  }
}

/** The request that this browser began, or null when it is over or another browser's. */
async function interactionOf({ request, response, path }: Visit, provider: Provider): Promise<Interaction | null> {
  try {
    const interaction = await provider.interactionDetails(request, response);
    return path === `/consent/${interaction.uid}` ? interaction : null;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return null;
    throw error;
  }
}

async function ask(
  visit: Visit,
  { uid, params }: Interaction,
  visitor: Visitor,
  parts: ConsentPageParts,
): Promise<void> {
  const { client_id, redirect_uri, resource } = askedBy(params);
  const client = await parts.provider.Client.find(client_id);
  const known = parts.clients.find(client_id);
  const { page, policy } = consentPage(
    {
      uid,
      client: {
        name: client?.clientName ?? client_id,
        describedAt: known ? null : client_id,
        origin: known?.origin ?? null,
      },
      redirect: redirect_uri,
      resource,
      machines: parts.machines(),
      proof: visitor.proof(`consent ${uid}`),
    },
    visit.language,
  );
  sendPage(visit.response, page, { policy });
}

async function take(
  visit: Visit,
  { uid, params }: Interaction,
  visitor: Visitor,
  parts: ConsentPageParts,
): Promise<void> {
  const { request, response } = visit;
  const form = await readForm(request, parts.url);
  checkProof(form.get("proof"), visitor.proof(`consent ${uid}`));
  const chosen = choice.safeParse({ ...Object.fromEntries(form), machines: form.getAll("machine") });
  if (!chosen.success) throw new PaddockError("invalid_input", "The page was not answered in full.", "Open it again.");
  const wanted = askedBy(params);
  const result =
    chosen.data.answer === "allow"
      ? { login: { accountId: ownerId, remember: false }, consent: { grantId: await give(wanted, chosen.data, parts) } }
      : refuse(wanted, parts);
  redirect(visit, await parts.provider.interactionResult(request, response, result));
}

function askedBy(params: Interaction["params"]): Asked {
  const found = asked.safeParse(params);
  if (found.success) return found.data;
  throw new PaddockError("invalid_input", "The client asks for more than one thing at once.", "Tell whoever made it.");
}

/** The consent, on record before anything is issued for it. */
async function give(request: Asked, chosen: Choice, parts: ConsentPageParts): Promise<string> {
  const { provider, consents } = parts;
  const { toolset, days } = chosen;
  const client = await provider.Client.find(request.client_id);
  const id = newId("cns");
  const now = Date.now();
  const host = redirectHost(request.redirect_uri);
  consents.give({
    id,
    client: request.client_id,
    // The owner is asked in this name later: with the part that the client cannot choose.
    name: `${shownName(client?.clientName ?? "client")} (${host})`.slice(0, 128),
    redirect_host: host,
    toolset,
    workspaces: [],
    machines: chosenMachines(chosen, parts),
    created_at: now,
    expires_at: now + days * dayMs,
  });
  const grant = new provider.Grant({ accountId: ownerId, clientId: request.client_id });
  // What the library calls a grant is the consent, by its id, and ends with it.
  Object.assign(grant, { jti: id, exp: Math.floor((now + days * dayMs) / 1000) });
  grant.addOIDCScope(request.scope);
  grant.addResourceScope(request.resource, request.scope);
  return await grant.save();
}

function chosenMachines({ machines: chosen }: Choice, { machines }: ConsentPageParts): string[] {
  if (chosen.includes(everyMachine)) return [];
  const known = new Set(machines().map(({ id }) => id));
  if (chosen.every((id) => known.has(id))) return [...new Set(chosen)];
  throw new PaddockError("invalid_input", "A machine is no longer there.", "Open the page again.");
}

function refuse({ client_id, redirect_uri }: Asked, { audit }: ConsentPageParts) {
  const detail = { client: client_id.slice(0, 512), redirectHost: redirectHost(redirect_uri) };
  audit.write({ event: "consent.refused", principal: ownerId, detail });
  return { error: "access_denied", error_description: "The owner said no." };
}
