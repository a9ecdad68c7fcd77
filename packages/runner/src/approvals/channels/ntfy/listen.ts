/** Listening to a topic of an ntfy server, through lost connections: what was published meanwhile comes with the next one. */
import { setTimeout as wait } from "node:timers/promises";
import * as z from "zod";
import { lines, type Request } from "../http.ts";

/** A server sends a sign of life every 45 s. */
const idleMs = 150_000;
const shortestPauseMs = 500;
const longestPauseMs = 30_000;

const event = z.object({
  id: z.string().max(64),
  time: z.number(),
  event: z.string(),
  message: z.string().optional(),
});
type Event = z.infer<typeof event>;

/**
 * The messages of the topic whose stream is at `url`, until the request's signal ends it; never throws. `listening` is called
 * each time the server has begun to tell.
 */
export async function* listen(
  url: URL,
  request: Request & { signal: AbortSignal },
  listening: () => void,
): AsyncGenerator<string> {
  const from = new URL(url);
  let pause = shortestPauseMs;
  while (!request.signal.aborted) {
    let isHeard = false;
    for await (const told of eventsOf(from, request)) {
      isHeard = true;
      remember(from, told);
      if (told.event === "open") listening();
      if (told.event === "message") yield told.message ?? "";
    }
    pause = isHeard ? shortestPauseMs : Math.min(pause * 2, longestPauseMs);
    await wait(pause, undefined, { ref: false, signal: request.signal }).catch(() => undefined);
  }
}

/** Where the next connection goes on: after the last message, or from the server's own time of the first connection. */
function remember(from: URL, { event: kind, id, time }: Event): void {
  if (kind === "message") from.searchParams.set("since", id);
  else if (kind === "open" && !from.searchParams.has("since")) from.searchParams.set("since", String(time));
}

async function* eventsOf(url: URL, request: Request): AsyncGenerator<Event> {
  try {
    for await (const line of lines(url, request, idleMs)) {
      const told = eventOf(line);
      if (told) yield told;
    }
  } catch {
    // The connection is lost, or was never there; whoever listens tries again.
  }
}

function eventOf(line: string): Event | null {
  try {
    return event.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
