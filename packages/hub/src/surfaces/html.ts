/** What the pages for people share: one look, nothing from elsewhere, and what a browser may do with them. */
import { hash } from "node:crypto";
import type { OutgoingHttpHeaders, ServerResponse } from "node:http";
import type { Config } from "@paddock/contract";
import { type Language, languages } from "@paddock/contract/texts";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #33373d); --soft: light-dark(#f4f5f7, #1d2024); --text: light-dark(#1b1d21, #e8eaed); --quiet: light-dark(#565c66, #a3a9b3); --page: light-dark(#fff, #131518); --bad: light-dark(#a3232d, #ff9b9b); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 3rem 1.25rem; background: var(--page); color: var(--text); font: 1rem/1.6 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.3; letter-spacing: -0.02em; }
h2 { margin: 2.2rem 0 0.4rem; font-size: 1.1rem; }
p { margin: 0.4rem 0; }
.quiet { color: var(--quiet); }
.bad { color: var(--bad); }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; overflow-wrap: anywhere; }
p > code { white-space: nowrap; }
pre { margin: 0.6rem 0 1rem; padding: 0.8rem 1rem; white-space: pre-wrap; background: var(--soft); border: 1px solid var(--line); border-radius: 0.5rem; }
pre.agent { border-left: 0.3rem solid var(--quiet); }
a { color: inherit; text-underline-offset: 0.2em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.2rem 1rem; margin: 1rem 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
dd pre { margin: 0.2rem 0 0.5rem; padding: 0.5rem 0.8rem; }
article { margin: 1.6rem 0; padding: 0.2rem 1.2rem 1.2rem; border: 1px solid var(--line); border-radius: 0.5rem; }
article h2 { margin-top: 0.8rem; }
fieldset { margin: 1.2rem 0; padding: 0.6rem 1rem 0.8rem; border: 1px solid var(--line); border-radius: 0.5rem; }
label { display: block; margin: 0.3rem 0; }
label:has(input[type=checkbox], input[type=radio]) { display: flex; gap: 0.7rem; align-items: baseline; padding: 0.15rem 0; cursor: pointer; }
input[type=text], input[type=password], select { width: 100%; padding: 0.5rem 0.7rem; font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 0.4rem; }
button { margin: 0.6rem 0.6rem 0 0; padding: 0.5rem 1.1rem; font: inherit; color: inherit; background: var(--soft); border: 1px solid var(--line); border-radius: 0.4rem; cursor: pointer; }
button.main { color: var(--page); background: var(--text); border-color: var(--text); }
:focus-visible { outline: 2px solid var(--quiet); outline-offset: 2px; }
@media (max-width: 34rem) {
  body { padding: 1.6rem 1rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dt { margin-top: 0.6rem; font-size: 0.9rem; }
  article { padding: 0.2rem 0.9rem 1rem; }
}
`;

export interface Html {
  language: Language;
  title: string;
  /** Markup; whatever came from elsewhere is escaped in it. */
  body: string;
  /** A script of Paddock's own; pages do without one wherever they can. */
  script?: string;
}

export const html = ({ language, title, body, script }: Html): string => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body}
${script === undefined ? "" : `<script>${script}</script>`}
</body>
</html>
`;

const digest = (text: string): string => `'sha256-${hash("sha256", text, "base64")}'`;
const styleDigest = digest(style);

/** `formTo` says where forms may lead, redirects included; it is put into the header as it stands. */
export function pagePolicy({ formTo = "'none'", script }: { formTo?: string; script?: string } = {}): string {
  const scripts = script === undefined ? "" : ` script-src ${digest(script)};`;
  return `default-src 'none'; style-src ${styleDigest};${scripts} base-uri 'none'; form-action ${formTo}; frame-ancestors 'none'`;
}

export interface Sent {
  status?: number;
  policy: string;
  headers?: OutgoingHttpHeaders;
}

export function sendPage(response: ServerResponse, page: string, { status = 200, policy, headers = {} }: Sent): void {
  response.writeHead(status, {
    ...pageHeaders,
    "content-security-policy": policy,
    "content-length": Buffer.byteLength(page),
    ...headers,
  });
  response.end(page);
}

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  // Browsers say where a form came from only where the referrer may be told.
  "referrer-policy": "same-origin",
  "x-frame-options": "DENY",
};

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
export const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? character);

/** The language of the setting, or the first that the browser asks for and Paddock speaks. */
export function languageFor(accepted: string | undefined, setting: Config["language"]): Language {
  if (setting !== "auto") return setting;
  const wanted = (accepted ?? "")
    .toLowerCase()
    .split(",")
    .map((part) => part.trim().slice(0, 2));
  return wanted.flatMap((tag) => languages.find((language) => language === tag) ?? [])[0] ?? "en";
}
