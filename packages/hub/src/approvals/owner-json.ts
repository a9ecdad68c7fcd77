/** `GET /api/v1/approvals`, `GET` and `POST /api/v1/approvals/ID`, for the owner's browser. */
import { approvalAnswer, deviceSignature, invalidInput, ownerId, PaddockError } from "@paddock/contract";
import * as z from "zod";
import type { Visitor } from "../accounts/accounts.ts";
import { checkOrigin, checkProof } from "../accounts/forms.ts";
import type { Visit } from "../accounts/visit.ts";
import { parseJson, readBody } from "../surfaces/body.ts";
import type { OwnerPageParts } from "./owner-parts.ts";

const wish = z.strictObject({ answer: approvalAnswer, signature: deviceSignature.optional() });

/** What the proof of these requests is for; it stands in the list and comes back in a header. */
const purpose = "approvals";
const proofHeader = "paddock-proof";
const maxWishBytes = 16 * 1024;

export async function answerJson(visit: Visit, { accounts, inbox, url }: OwnerPageParts): Promise<void> {
  const { request, path } = visit;
  const id = path.split("/")[4];
  if (request.method !== "GET" && !(request.method === "POST" && id !== undefined)) throw notAllowed();
  const visitor = await owner(visit, accounts);
  if (request.method === "GET") {
    const questions = inbox.list();
    if (id === undefined) return send(visit, { questions, proof: visitor.proof(purpose) });
    return send(visit, questions.find((question) => question.id === id) ?? missing());
  }
  checkOrigin(request, url());
  const given = request.headers[proofHeader];
  checkProof(typeof given === "string" ? given : null, visitor.proof(purpose));
  const parsed = wish.safeParse(parseJson(await readBody(request, maxWishBytes)));
  if (!parsed.success) throw invalidInput(parsed.error);
  send(visit, await inbox.answer({ ...parsed.data, id: id ?? "", by: ownerId }));
}

async function owner({ request }: Visit, accounts: OwnerPageParts["accounts"]): Promise<Visitor> {
  const visitor = await accounts.visitor(request);
  if (visitor) return visitor;
  throw new PaddockError("unauthorized", "Nobody is signed in.", "Sign in at /sign-in with a browser.");
}

function send({ response }: Visit, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}

function missing(): never {
  throw new PaddockError("not_found", "No such question waits.");
}

const notAllowed = (): PaddockError =>
  new PaddockError("method_not_allowed", "The address exists, but not with this method.");
