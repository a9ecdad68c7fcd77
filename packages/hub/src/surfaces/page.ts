/** The page at `/`: what this is and how to connect. Static, without scripts, secrets or anything about the machine. */
import { hash } from "node:crypto";

const style = `
:root { color-scheme: light dark; --line: light-dark(#d8dbe0, #33373d); --soft: light-dark(#f4f5f7, #1d2024); --text: light-dark(#1b1d21, #e8eaed); --quiet: light-dark(#565c66, #a3a9b3); --page: light-dark(#fff, #131518); }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 44rem; padding: 3rem 1.25rem; background: var(--page); color: var(--text); font: 1rem/1.6 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -0.02em; }
h2 { margin: 2.2rem 0 0.4rem; font-size: 1.1rem; }
p { margin: 0.4rem 0; }
.quiet { color: var(--quiet); }
code, pre { font: 0.9em/1.5 ui-monospace, monospace; }
pre { margin: 0.6rem 0 1rem; padding: 0.8rem 1rem; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--soft); border: 1px solid var(--line); border-radius: 0.5rem; }
a { color: inherit; text-underline-offset: 0.2em; }
`;

/** The page runs and loads nothing but its own style. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${hash("sha256", style, "base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** `url` is the address under which clients reach this hub. */
export function page(url: string, version: string): string {
  const address = escaped(url);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Paddock</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>Paddock</h1>
<p class="quiet">Lets AI agents work on this machine, under its owner's control. Version ${escaped(version)}.</p>
</header>
<main>
<h2>1. Make a token</h2>
<p>On the machine itself, in a clone. It is shown once.</p>
<pre><code>npx --no-install paddock token create --name my-client</code></pre>
<h2>2. Connect a client</h2>
<p>Any MCP client that speaks Streamable HTTP, with the token as a bearer token:</p>
<pre><code>${address}/mcp</code></pre>
<p>Claude Code:</p>
<pre><code>claude mcp add --transport http paddock ${address}/mcp --header "Authorization: Bearer TOKEN"</code></pre>
<p>Plain HTTP:</p>
<pre><code>curl ${address}/api/v1/tools/agent_status -H "Authorization: Bearer TOKEN" -d '{}'</code></pre>
<p>A client on this machine that starts its servers itself needs no token: let it run <code>paddock mcp</code>.</p>
<h2>More</h2>
<p><a href="/api/openapi.json">OpenAPI document</a>, <a href="/healthz">health</a>. The guides for each client are in <code>docs/</code>.</p>
</main>
</body>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
