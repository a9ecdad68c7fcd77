/** The routes as a Hono app. Loaded with the first request that is not on the hot path, to keep the start quick. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { PaddockError, type Principal, type TokenScope } from "@paddock/contract";
import { Hono } from "hono";
import type { Logger } from "pino";
import { drain } from "./body.ts";
import { errorAnswer } from "./error-answer.ts";
import type { RefusedRequests } from "./refused-requests.ts";
import type { Route } from "./routes.ts";

export interface AppParts {
  routes: readonly Route[];
  /** The principal of a request whose token is for that; throws. */
  authenticate(request: IncomingMessage, scope?: TokenScope): Principal;
  refused: RefusedRequests;
  log: Pick<Logger, "error">;
}

export type Listener = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

export function openApp({ routes, authenticate, refused, log }: AppParts): Listener {
  const app = new Hono<{ Bindings: HttpBindings }>();
  for (const route of routes) {
    app.on(route.method, route.path, (context) =>
      route.open
        ? route.answer(context)
        : route.answer(context, authenticate(context.env.incoming as IncomingMessage, route.scope)),
    );
  }
  for (const { path } of routes) {
    const allowed = routes.filter((route) => route.path === path).map(({ method }) => method);
    app.all(path, () => asResponse(notAllowed(), { allow: allowed.join(", ") }));
  }
  const asResponse = (error: unknown, more: Record<string, string> = {}): Response => {
    const { status, headers, body } = errorAnswer(error, log);
    return new Response(body, { status, headers: { ...headers, ...more } });
  };
  app.notFound(() => asResponse(new PaddockError("not_found", "There is nothing at this address.")));
  app.onError((error, { env }) => {
    const request = env.incoming as IncomingMessage;
    refused.note(request, error);
    drain(request);
    return asResponse(error);
  });
  return getRequestListener(app.fetch, { overrideGlobalObjects: false });
}

const notAllowed = (): PaddockError =>
  new PaddockError("method_not_allowed", "The address exists, but not with this method.");
