/** Who may ask for what: the one place where a credential becomes a principal and a principal meets a tool. */
import type { Principal, Tool } from "@paddock/contract";

/** What the list of tools depends on besides the principal. */
export interface ToolContext {
  /** Whether MCP servers are bridged. */
  bridged: boolean;
  machines: number;
}

export interface Access {
  /**
   * The principal of a request. `authorization` is the header as it came, `remote` the address of the peer.
   * Throws unauthorized or rate_limited.
   */
  authenticate(authorization: string | undefined, remote: string, surface: "mcp" | "rest"): Principal;
  /** Throws forbidden, readonly or unknown_tool. A name that is not in the principal's list is refused, not hidden. */
  mayCall(principal: Principal, tool: string): Tool;
  /** What an agent is shown, in an order that never changes. */
  toolsFor(principal: Principal, context: ToolContext): readonly Tool[];
  /** The same principal with less; throws forbidden when it would be more, invalid_input when the name is unknown. */
  narrow(principal: Principal, wish: { toolset?: string | undefined; workspace?: string | undefined }): Principal;
}
