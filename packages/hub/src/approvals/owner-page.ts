/** The page with the questions that wait, and the answers to them. Without scripts; a question is shown whole. */
import {
  type AnswerType,
  type ApprovalAnswer,
  grantMinutes,
  ownerId,
  PaddockError,
  type ShownQuestion,
} from "@paddock/contract";
import { answerWords, fill, lineWords, type Texts, texts } from "@paddock/contract/texts";
import type { Visitor } from "../accounts/accounts.ts";
import { checkProof, readForm } from "../accounts/forms.ts";
import { accountTexts } from "../accounts/texts.ts";
import { redirect, sendRefusal, type Visit } from "../accounts/visit.ts";
import { escaped, html, pagePolicy, sendPage } from "../surfaces/html.ts";
import type { OwnerPageParts } from "./owner-parts.ts";

/** What a button says to the hub, and the answer that it stands for. `allow_always` wants more than the hub's word. */
const buttons: Readonly<Record<string, ApprovalAnswer>> = {
  allow_once: { type: "allow_once" },
  ...Object.fromEntries(
    grantMinutes.map((minutes) => [`allow_minutes_${minutes}`, { type: "allow_minutes", minutes }]),
  ),
  ...Object.fromEntries(grantMinutes.map((minutes) => [`allow_server_${minutes}`, { type: "allow_server", minutes }])),
  deny: { type: "deny" },
};

export async function answerPage(visit: Visit, parts: OwnerPageParts): Promise<void> {
  const { request, path } = visit;
  try {
    const visitor = await parts.accounts.visitor(request);
    if (!visitor) return redirect(visit, `/sign-in?next=${encodeURIComponent("/approvals")}`);
    if (request.method === "GET") return show(visit, visitor, parts);
    if (request.method !== "POST") throw new PaddockError("method_not_allowed", "The page exists, but not for this.");
    await take(visit, path.split("/")[2] ?? "", visitor, parts);
    redirect(visit, "/approvals");
  } catch (error) {
    sendRefusal(visit, error);
  }
}

/** A form answers the very question that stood above it. */
const purposeOf = ({ id, binding }: ShownQuestion): string => `approval ${id} ${binding}`;

async function take({ request }: Visit, id: string, visitor: Visitor, { inbox, url }: OwnerPageParts): Promise<void> {
  const form = await readForm(request, url());
  const question = inbox.list().find((one) => one.id === id);
  if (!question) throw new PaddockError("not_found", "The question waits no more.", "Open the list again.");
  checkProof(form.get("proof"), visitor.proof(purposeOf(question)));
  const name = form.get("answer") ?? "";
  const answer = Object.hasOwn(buttons, name) ? buttons[name] : undefined;
  if (!answer) throw new PaddockError("invalid_input", "That is no answer.", "Open the list again.");
  await inbox.answer({ id, answer, by: ownerId });
}

function show({ response, language }: Visit, visitor: Visitor, { inbox }: OwnerPageParts): void {
  const [words, account] = [texts[language], accountTexts[language]];
  const questions = inbox.list();
  const list = questions
    .map((question) => article(question, inbox.leftMs(question), visitor.proof(purposeOf(question)), words))
    .join("\n");
  const body = `<main>
<h1>${account.questions}</h1>
${list || `<p>${account.noQuestions}</p>`}
<p><a href="/approvals">${account.lookAgain}</a></p>
<form method="post" action="/sign-out"><button>${account.signOut}</button></form>
</main>`;
  sendPage(response, html({ language, title: account.questions, body }), { policy: pagePolicy({ formTo: "'self'" }) });
}

function article(question: ShownQuestion, leftMs: number, proof: string, words: Texts): string {
  const lines = lineWords(question, words).map(
    ({ label, text, from }) =>
      `<dt>${escaped(label)}</dt><dd>${from === "agent" ? `<pre class="agent">${escaped(text)}</pre>` : escaped(text)}</dd>`,
  );
  const left = Math.round(leftMs / 1000);
  return `<article>
<h2>${escaped(question.machine)}</h2>
<dl>
<dt>${words.label_risk}</dt><dd>${words[`risk_${question.risk}`]}</dd>
${lines.join("\n")}
<dt>${words.label_expires}</dt><dd>${fill(words.expires_in, { seconds: left })}</dd>
</dl>
${question.assurance === "hub" ? "" : `<p class="bad">${escaped(fill(words.answer_elsewhere, { id: question.id }))}</p>`}
<form method="post" action="/approvals/${question.id}">
<input type="hidden" name="proof" value="${proof}">
${Object.entries(buttons)
  .flatMap(([name, answer]) => button(name, answer, question, words))
  .join("\n")}
</form>
</article>`;
}

function button(
  name: string,
  answer: ApprovalAnswer,
  { offers, assurance, lines }: ShownQuestion,
  words: Texts,
): string[] {
  const isOffered = (type: AnswerType) => type === "deny" || (assurance === "hub" && offers.includes(type));
  if (!isOffered(answer.type)) return [];
  const server = lines.find(({ label }) => label === "server")?.text ?? "";
  return [`<button name="answer" value="${name}">${escaped(answerWords(answer, words, server))}</button>`];
}
