/** The page at `/`: what this is and how to connect. Static, without scripts, secrets or anything about the machine. */
import { escaped, html } from "./html.ts";

/** `url` is the address under which clients reach this hub. */
export function page(url: string, version: string): string {
  const address = escaped(url);
  const body = `<header>
<h1>Paddock</h1>
<p class="quiet">Lets AI agents work on this machine, under its owner's control. Version ${escaped(version)}.</p>
</header>
<main>
<h2>1. Make a token</h2>
<p>On the machine itself; in a clone with <code>npx --no-install</code> before it. It is shown once.</p>
<pre><code>paddock token create --name my-client</code></pre>
<h2>2. Connect a client</h2>
<p>Any MCP client that speaks Streamable HTTP, with the token as a bearer token:</p>
<pre><code>${address}/mcp</code></pre>
<p>Claude Code:</p>
<pre><code>claude mcp add --transport http paddock ${address}/mcp --header "Authorization: Bearer TOKEN"</code></pre>
<p>Plain HTTP:</p>
<pre><code>curl ${address}/api/v1/tools/agent_status -H "Authorization: Bearer TOKEN" -d '{}'</code></pre>
<p>A client that signs in by itself needs the address alone. Make your account first: <code>paddock owner create</code>. Then <a href="/approvals">what waits for you</a> is a page too.</p>
<p>A client on this machine that starts its servers itself needs no token: let it run <code>paddock mcp</code>.</p>
<h2>More</h2>
<p><a href="/api/openapi.json">OpenAPI document</a>, <a href="/healthz">health</a>. The guides for each client are in <code>docs/</code>.</p>
</main>`;
  return html({ language: "en", title: "Paddock", body });
}
