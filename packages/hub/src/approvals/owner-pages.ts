/**
 * The inbox for the owner in a browser: as a page, and as JSON for pages to come. Only a browser that is signed in gets
 * here; no bearer token does. An answer is worth the hub's word, or that of the device which has signed it.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { OwnerPageParts } from "./owner-parts.ts";

const jsonPath = /^\/api\/v1\/approvals(?:\/[\w-]{1,64})?$/;
const pagePath = /^\/approvals(?:\/[\w-]{1,64})?$/;

export const ownerPages = (parts: OwnerPageParts) => ({
  serves: (path: string): boolean => pagePath.test(path) || jsonPath.test(path),
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const visit = parts.accounts.visitOf(request, response);
    if (jsonPath.test(visit.path)) {
      const { answerJson } = await import("./owner-json.ts");
      await answerJson(visit, parts);
    } else {
      const { answerPage } = await import("./owner-page.ts");
      await answerPage(visit, parts);
    }
  },
});
