/** MCP over HTTP, both eras at one address. See dispatch.ts for what is answered here and sdk.ts for what is not. */
import type { ServerResponse } from "node:http";
import type { Principal } from "@paddock/contract";
import { calls } from "./calls.ts";
import { dispatch } from "./dispatch.ts";
import type { Exchange, Extension } from "./extension.ts";
import { lazySdk } from "./lazy-sdk.ts";
import { errorAnswer, errorCodes } from "./message.ts";
import type { McpDeps, McpSurface } from "./mount.ts";
import { answerPost } from "./post.ts";
import { writeJson } from "./reply.ts";
import { type Sessions, sessions } from "./sessions.ts";
import { openStreams, type Streams } from "./streams.ts";
import { whenToolsChange } from "./tools-change.ts";

const listChanged = { jsonrpc: "2.0", method: "notifications/tools/list_changed" };

type Received = Omit<Exchange, "era" | "message">;
type Verb = (received: Received, body: Buffer) => Promise<void> | void;

export function mcpSurface(deps: McpDeps): McpSurface {
  const { runs, machines, version, log, extension } = deps;
  const answers = dispatch({ ...deps, moreTools: extension?.tools });
  const sdk = lazySdk({
    dispatch: answers,
    machines,
    version,
    onError: (error) => log.info({ err: error }, "mcp request refused"),
  });
  const streams = openStreams();
  const handles = sessions(deps.sessionKey);
  const post = { calls: calls({ runs, dispatch: answers, log }), sdk, extension };
  const verbs: Readonly<Record<string, Verb>> = {
    POST: (received, body) => answerPost(post, received, body),
    GET: (received) => answerGet(streams, extension, received),
    DELETE: (received) => answerDelete(handles, extension, received),
  };
  const stopWatching = whenToolsChange(machines, () => {
    streams.announce(listChanged);
    void sdk.toolsChanged();
  });

  return {
    async handle(request, response, principal, body) {
      const verb = verbs[request.method ?? ""];
      if (!verb) {
        wrongVerb(response);
        return true;
      }
      const session = request.headers["mcp-session-id"] ?? null;
      if (session !== null && !(typeof session === "string" && handles.isOpen(principal.id, session))) {
        writeJson(
          response,
          [errorAnswer(null, errorCodes.sessionNotFound, "Session not found: initialize again.")],
          {},
          404,
        );
        return false;
      }
      const caller = narrowed(deps, principal, request.url);
      await verb({ request, response, session, ...caller, newSession: () => handles.create(principal.id) }, body);
      return true;
    },
    get openStreams() {
      return streams.size;
    },
    endStreams(principal) {
      streams.endOf(principal);
      sdk.endStreams(principal);
    },
    async close() {
      stopWatching();
      streams.close();
      await sdk.close();
      await extension?.close();
    },
  };
}

async function answerGet(streams: Streams, extension: Extension | undefined, received: Received): Promise<void> {
  if (await extension?.handle({ ...received, era: "legacy", message: null })) return;
  if (!received.request.headers.accept?.includes("text/event-stream")) return wrongVerb(received.response);
  streams.open(received.response, received.principal.id);
}

async function answerDelete(handles: Sessions, extension: Extension | undefined, received: Received): Promise<void> {
  if (received.session !== null) handles.end(received.session);
  if (await extension?.handle({ ...received, era: "legacy", message: null })) return;
  received.response.writeHead(204).end();
}

function wrongVerb(response: ServerResponse): void {
  writeJson(
    response,
    [errorAnswer(null, errorCodes.invalidRequest, "Method not allowed.")],
    { allow: "GET, POST, DELETE" },
    405,
  );
}

/** The address can ask for less than the token allows: `/mcp?toolset=readonly&workspace=/srv/app`. */
function narrowed(
  { narrow }: McpDeps,
  principal: Principal,
  url = "",
): { principal: Principal; workspace: string | undefined } {
  const at = url.indexOf("?");
  if (at < 0) return { principal, workspace: undefined };
  const query = new URLSearchParams(url.slice(at + 1));
  const workspace = query.get("workspace") ?? undefined;
  return { principal: narrow(principal, { toolset: query.get("toolset") ?? undefined, workspace }), workspace };
}
