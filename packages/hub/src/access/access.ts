/** Who may ask for what: the one place where a credential becomes a principal and a principal meets a tool. */
import type { AuditSink } from "@paddock/audit";
import { PaddockError, type Principal, type TokenScope, type Tool } from "@paddock/contract";
import { countFailures, RateLimited } from "./failed-credentials.ts";
import { grantOver } from "./grant-over.ts";
import type { Tokens } from "./tokens.ts";
import { mayCall, narrow, type ToolContext, toolsFor, type Wish } from "./toolsets.ts";

export interface Access {
  /**
   * The principal of a request. `authorization` is the header as it came, `remote` the address of the peer.
   * Throws unauthorized or rate_limited, and forbidden for a token that is for something else than `scope`, which is calls
   * when absent; a valid token is never limited.
   */
  authenticate(
    authorization: string | undefined,
    remote: string,
    surface: "mcp" | "rest",
    scope?: TokenScope,
  ): Principal;
  /** Throws unauthorized, unknown_tool, forbidden or readonly. A tool that the principal may not have is refused, not hidden. */
  mayCall(principal: Principal, tool: string): Tool;
  /** What an agent is shown, in an order that never changes; the same array for the same question. */
  toolsFor(principal: Principal, context: ToolContext): readonly Tool[];
  /** The same principal with less. Throws forbidden when it would be more, invalid_input for an unknown name. */
  narrow(principal: Principal, wish: Wish): Principal;
  /** Credentials that were wrong since the start. */
  readonly failures: number;
}

interface AccessParts {
  /** Those who know what a credential stands for, asked in this order. */
  credentials: readonly Pick<Tokens, "principal">[];
  /** Whether a principal that was let in has lost its grant since. */
  isOver(principal: string): boolean;
  audit: AuditSink;
  failuresPerMinute: number;
}

const bearer = /^Bearer +([\x21-\x7e]{1,256}) *$/i;

export function openAccess({ credentials, isOver, audit, failuresPerMinute }: AccessParts): Access {
  const failed = countFailures(failuresPerMinute);

  const refuse = (remote: string, surface: string): never => {
    const waitSeconds = failed.add(remote, Date.now());
    if (waitSeconds > 0) throw new RateLimited(waitSeconds);
    audit.write({ event: "credential.failed", surface, detail: { remote } });
    throw grantOver();
  };

  return {
    authenticate(authorization, remote, surface, scope) {
      if (authorization === undefined) throw new PaddockError("unauthorized", "A token is needed.");
      const token = bearer.exec(authorization)?.[1];
      return (token && principalOf(credentials, token, surface, scope)) || refuse(remote, surface);
    },
    mayCall(principal, tool) {
      if (isOver(principal.id)) throw grantOver();
      return mayCall(principal, tool);
    },
    toolsFor,
    narrow(principal, wish) {
      try {
        return narrow(principal, wish);
      } catch (error) {
        const { id, surface } = principal;
        if (error instanceof PaddockError) {
          audit.write({ event: "call.refused", principal: id, surface, code: error.code, input: wish });
        }
        throw error;
      }
    },
    get failures() {
      return failed.total;
    },
  };
}

function principalOf(
  credentials: AccessParts["credentials"],
  token: string,
  surface: "mcp" | "rest",
  scope: TokenScope | undefined,
): Principal | null {
  const now = Date.now();
  for (const known of credentials) {
    const principal = known.principal(token, surface, now, scope);
    if (principal) return principal;
  }
  return null;
}
