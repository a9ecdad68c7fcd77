/**
 * Answers that have been written and not been read. A client that takes none of what it asked for has the hub hold it, so all
 * of it together is bounded: beyond that the connections that have waited longest are ended.
 */
import type { ServerResponse } from "node:http";

export interface Unread {
  /** To be called when an answer has been written. */
  watch(response: ServerResponse): void;
}

/** Less than that goes into the kernel's buffers. */
const worthWatching = 64 * 1024;

export function openUnread(maxBytes: number): Unread {
  const waiting = new Set<ServerResponse>();

  const makeRoom = (): void => {
    let bytes = 0;
    for (const response of waiting) bytes += response.writableLength;
    for (const response of waiting) {
      if (bytes <= maxBytes) return;
      bytes -= response.writableLength;
      waiting.delete(response);
      response.destroy();
    }
  };

  return {
    watch(response) {
      if (response.writableLength < worthWatching) return;
      waiting.add(response);
      response.once("close", () => waiting.delete(response));
      makeRoom();
    },
  };
}
