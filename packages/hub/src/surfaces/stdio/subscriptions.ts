/** Who on this connection wants to hear of a changed tool list: a legacy client that has opened, or modern subscriptions. */
import { errorAnswer, errorCodes, isObject, type MessageId, metaKeys, type Request } from "../mcp/message.ts";

const maxSubscriptions = 64;
const method = "notifications/tools/list_changed";

export interface Subscriptions {
  /** A legacy client has initialized. */
  opened(): void;
  /** What to answer to `subscriptions/listen`: an acknowledgement, or a refusal. */
  listen(request: Request): Buffer;
  /** False when the id is of no subscription. */
  cancel(id: unknown): boolean;
  /** What to send now that the list has changed. */
  notifications(): readonly Buffer[];
}

export function subscriptions(): Subscriptions {
  let legacy = false;
  const ids = new Set<MessageId>();
  return {
    opened() {
      legacy = true;
    },
    listen({ id, params }) {
      const filter = params?.notifications;
      if (!isObject(filter))
        return errorAnswer(id, errorCodes.invalidParams, "Invalid params: notifications is required.");
      if (ids.size >= maxSubscriptions) return errorAnswer(id, errorCodes.internal, "Subscription limit reached");
      const notifications = filter.toolsListChanged === true ? { toolsListChanged: true } : {};
      if (filter.toolsListChanged === true) ids.add(id);
      return notification("notifications/subscriptions/acknowledged", id, { notifications });
    },
    cancel: (id) => ids.delete(id as MessageId),
    notifications: () => [
      ...(legacy ? [Buffer.from(JSON.stringify({ jsonrpc: "2.0", method }))] : []),
      ...[...ids].map((id) => notification(method, id)),
    ],
  };
}

const notification = (name: string, id: MessageId, params: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({ jsonrpc: "2.0", method: name, params: { ...params, _meta: { [metaKeys.subscription]: id } } }),
  );
