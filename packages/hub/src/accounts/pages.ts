/** The pages to sign in and out, and to set the password with a code from the machine. */
import type { AuditSink } from "@paddock/audit";
import { ownerId, PaddockError } from "@paddock/contract";
import { fill } from "@paddock/contract/texts";
import { type FailureCount, RateLimited } from "../access/failed-credentials.ts";
import type { RemoteOf } from "../access/remote.ts";
import { escaped, html, pagePolicy, sendPage } from "../surfaces/html.ts";
import { readForm } from "./forms.ts";
import { minPasswordLength, type Owner } from "./owner.ts";
import type { SetUpCodes } from "./set-up.ts";
import { accountTexts } from "./texts.ts";
import { redirect, sendRefusal, type Visit } from "./visit.ts";

export interface PageParts {
  owner: Owner;
  codes: SetUpCodes;
  attempts: FailureCount;
  remoteOf: RemoteOf;
  audit: AuditSink;
  url(): string;
}

type Answer = (visit: Visit, parts: PageParts) => Promise<void> | void;

const answers: Readonly<Record<string, Answer>> = {
  "GET /sign-in": (visit) => signInPage(visit, false),
  "POST /sign-in": signIn,
  "POST /sign-out": signOut,
  "GET /set-up": (visit) => setUpPage(visit, false),
  "POST /set-up": setUp,
};

export async function answerPage(visit: Visit, parts: PageParts): Promise<void> {
  const answer = answers[`${visit.request.method} ${visit.path}`];
  try {
    if (!answer) throw new PaddockError("method_not_allowed", "The page exists, but not for this.");
    await answer(visit, parts);
  } catch (error) {
    sendRefusal(visit, error);
  }
}

/** Where a person may be led after signing in: one of the pages that sent them here. */
const ways = /^\/(consent\/[\w-]{1,64}|approvals)$/;
const wayFrom = (given: string | null): string => (given !== null && ways.test(given) ? given : "/approvals");

function signInPage({ response, language, query }: Visit, isWrong: boolean): void {
  const words = accountTexts[language];
  const next = wayFrom(query.get("next"));
  const body = `<main>
<h1>${words.signIn}</h1>
${isWrong ? `<p class="bad" role="alert">${words.wrongPassword}</p>` : ""}
<form method="post" action="/sign-in?next=${encodeURIComponent(next)}">
<input type="text" name="username" value="owner" autocomplete="username" hidden>
<label for="password">${words.password}</label>
<input type="password" id="password" name="password" autocomplete="current-password" required autofocus>
<button class="main">${words.signIn}</button>
</form>
</main>`;
  const page = html({ language, title: words.signIn, body });
  sendPage(response, page, { status: isWrong ? 401 : 200, policy: pagePolicy({ formTo: "'self'" }) });
}

async function signIn(visit: Visit, { owner, audit, url, ...limits }: PageParts): Promise<void> {
  const form = await readForm(visit.request, url());
  const remote = limited(visit, limits);
  const cookies = await owner.signIn(form.get("password") ?? "");
  if (!cookies) {
    audit.write({ event: "credential.failed", surface: "sign-in", detail: { remote } });
    return signInPage(visit, true);
  }
  audit.write({ event: "owner.signed_in", principal: ownerId, detail: { remote } });
  redirect(visit, wayFrom(visit.query.get("next")), cookies);
}

/** Every attempt counts, the right ones too: what a password costs to check is spent either way. */
function limited({ request }: Visit, { attempts, remoteOf }: Pick<PageParts, "attempts" | "remoteOf">): string {
  const remote = remoteOf(request);
  const waitSeconds = attempts.add(remote, Date.now());
  if (waitSeconds > 0) throw new RateLimited(waitSeconds);
  return remote;
}

async function signOut(visit: Visit, { owner, audit, url }: PageParts): Promise<void> {
  await readForm(visit.request, url());
  const { cookie } = visit.request.headers;
  if (await owner.signedIn(cookie)) audit.write({ event: "owner.signed_out", principal: ownerId });
  sendNote(visit, accountTexts[visit.language].signedOut, await owner.signOut(cookie));
}

function sendNote({ response, language }: Visit, words: string, cookies: readonly string[] = []): void {
  const body = `<main>\n<h1>Paddock</h1>\n<p role="status">${words}</p>\n<p><a href="/sign-in">${accountTexts[language].signIn}</a></p>\n</main>`;
  const page = html({ language, title: "Paddock", body });
  sendPage(response, page, { policy: pagePolicy(), headers: { "set-cookie": [...cookies] } });
}

/** The part of an address behind # stays in the browser: the code is in no request but the form's. */
const takeCode =
  'const code=document.getElementById("code");if(location.hash.length>1){code.value=location.hash.slice(1);history.replaceState(null,"",location.pathname)}';

function setUpPage({ response, language }: Visit, isWrong: boolean): void {
  const words = accountTexts[language];
  const body = `<main>
<h1>${words.setUp}</h1>
<p>${words.setUpWords}</p>
${isWrong ? `<p class="bad" role="alert">${words.wrongCode}</p>` : ""}
<form method="post" action="/set-up">
<label for="code">${words.code}</label>
<input type="text" id="code" name="code" autocomplete="off" autocapitalize="off" spellcheck="false" required>
<input type="text" name="username" value="owner" autocomplete="username" hidden>
<label for="password">${fill(words.newPassword, { length: minPasswordLength })}</label>
<input type="password" id="password" name="password" autocomplete="new-password" minlength="${minPasswordLength}" required>
<button class="main">${words.save}</button>
</form>
</main>`;
  const page = html({ language, title: words.setUp, body, script: takeCode });
  const policy = pagePolicy({ formTo: "'self'", script: takeCode });
  sendPage(response, page, { status: isWrong ? 403 : 200, policy });
}

async function setUp(visit: Visit, { owner, codes, audit, url, ...limits }: PageParts): Promise<void> {
  const form = await readForm(visit.request, url());
  const remote = limited(visit, limits);
  const password = form.get("password") ?? "";
  if (password.length < minPasswordLength) return setUpPage(visit, false);
  if (!codes.take(form.get("code") ?? "", Date.now())) {
    audit.write({ event: "credential.failed", surface: "set-up", detail: { remote } });
    return setUpPage(visit, true);
  }
  await owner.setPassword(password);
  audit.write({ event: "owner.password_set", principal: ownerId, detail: { remote } });
  sendNote(visit, escaped(accountTexts[visit.language].saved));
}
