/** The page on which the owner sees who asks for what, and chooses what it gets. */
import { toolsets, visibleLine } from "@paddock/contract";
import { fill, type Language } from "@paddock/contract/texts";
import { escaped, html, pagePolicy } from "../surfaces/html.ts";
import { redirectHost } from "./client-rules.ts";
import { type ConsentTexts, consentTexts } from "./texts.ts";

export interface ConsentQuestion {
  uid: string;
  client: {
    name: string;
    /** Its id when that is the address of its description. */
    describedAt: string | null;
    origin: "registered" | "added" | null;
  };
  redirect: string;
  /** What the client asked for: the address of MCP or of plain HTTP. */
  resource: string;
  machines: readonly NamedMachine[];
  /** Proves that the form comes from this page. */
  proof: string;
}

export interface NamedMachine {
  id: string;
  name: string;
}

/** In the place of a machine's id: every one, and those that join later too. */
export const everyMachine = "*";
const maxShownMachines = 64;
export const dayChoices = [1, 7, 30, 90, 365] as const;
const usualDays = 30;
const usualToolset = "core";
const maxNameLength = 80;

/** A client's own words, so that they cannot pass for anything else: what hides or steers is shown, and they are short. */
export const shownName = (name: string): string => {
  const text = visibleLine(name.trim());
  return text.length > maxNameLength ? `${text.slice(0, maxNameLength)}\u2026` : text;
};

export function consentPage(question: ConsentQuestion, language: Language): { page: string; policy: string } {
  const words = consentTexts[language];
  const { client, redirect, uid, proof } = question;
  const body = `<main>
<h1>${words.title}</h1>
<p>${fill(words.asks, { name: `<strong>${escaped(shownName(client.name))}</strong>` })}</p>
<p class="quiet">${words.nameIsItsOwn}</p>
<dl>
<dt>${words.goesTo}</dt><dd><strong>${escaped(redirectHost(redirect))}</strong></dd>
<dt>${client.describedAt === null ? words.client : words.describedAt}</dt><dd>${escaped(client.describedAt ?? originWords(client.origin, words))}</dd>
<dt>${words.asked}</dt><dd><code>${escaped(question.resource)}</code></dd>
</dl>
${isLocal(redirect) ? `<p class="bad" role="alert">${words.onThisComputer}</p>` : ""}
<form method="post" action="/consent/${uid}">
<input type="hidden" name="proof" value="${proof}">
<fieldset><legend>${words.machines}</legend>
${machineChoices(question.machines, words)}
</fieldset>
<fieldset><legend>${words.tools}</legend>
${toolsets.map((name) => toolsetChoice(name, words)).join("\n")}
</fieldset>
<label for="days">${words.duration}</label>
<select id="days" name="days">
${dayChoices.map((days) => dayChoice(days, words)).join("\n")}
</select>
<p><button class="main" name="answer" value="allow">${words.allow}</button>
<button name="answer" value="refuse">${words.refuse}</button></p>
</form>
</main>`;
  return {
    page: html({ language, title: words.title, body }),
    policy: pagePolicy({ formTo: `'self' ${targetOf(redirect)}` }),
  };
}

const originWords = (origin: "registered" | "added" | null, words: ConsentTexts): string =>
  origin === "added" ? words.added : words.registered;

/** Only where there is no choice is one made beforehand. */
function machineChoices(machines: readonly NamedMachine[], words: ConsentTexts): string {
  const shown = machines.slice(0, maxShownMachines);
  const lines = shown.map(({ id, name }) => machineChoice(id, escaped(name), machines.length === 1));
  return [...lines, machineChoice(everyMachine, words.everyMachine, machines.length === 0)].join("\n");
}

const machineChoice = (id: string, label: string, isChosen: boolean): string =>
  `<label><input type="checkbox" name="machine" value="${escaped(id)}"${isChosen ? " checked" : ""}><span>${label}</span></label>`;

function toolsetChoice(name: (typeof toolsets)[number], words: ConsentTexts): string {
  const checked = name === usualToolset ? " checked" : "";
  return `<label><input type="radio" name="toolset" value="${name}"${checked}><span>${words[name]} <span class="quiet">(${name})</span></span></label>`;
}

function dayChoice(days: number, words: ConsentTexts): string {
  const shown = days === 1 ? words.day : fill(words.days, { days });
  return `<option value="${days}"${days === usualDays ? " selected" : ""}>${shown}</option>`;
}

const isLocal = (redirect: string): boolean => new URL(redirect).protocol !== "https:";

/** Browsers hold the answer's way on to the client against the same list as the form itself. */
function targetOf(redirect: string): string {
  const { protocol, hostname, origin } = new URL(redirect);
  // The list knows no way to write an address of IPv6.
  return hostname.startsWith("[") || origin === "null" ? protocol : origin;
}

export function expiredPage(language: Language): string {
  const words = consentTexts[language];
  const body = `<main>\n<h1>${words.refusedTitle}</h1>\n<p>${words.expired}</p>\n</main>`;
  return html({ language, title: words.refusedTitle, body });
}

export function errorPage(language: Language, error: string, description: string | undefined): string {
  const title = consentTexts[language].refusedTitle;
  const body = `<main>\n<h1>${title}</h1>\n<p>${escaped(description ?? "")}</p>\n<p class="quiet"><code>${escaped(error)}</code></p>\n</main>`;
  return html({ language, title, body });
}
