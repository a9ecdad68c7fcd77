/** `fetch` whose answers end with an error beyond a size, so that no server can fill the memory of the runner. */

const maxAnswerBytes = 8 * 1024 * 1024;

export async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.body) return response;
  // An event stream lives for long: each of its messages is small, its sum is not what counts.
  if (response.headers.get("content-type")?.startsWith("text/event-stream")) return withBody(response, perEvent());
  return withBody(response, inAll());
}

function inAll(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > maxAnswerBytes) controller.error(new Error("The server's answer is larger than 8 MiB."));
      else controller.enqueue(chunk);
    },
  });
}

function perEvent(): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  return new TransformStream({
    transform(chunk, controller) {
      bytes = endsEvent(chunk) ? 0 : bytes + chunk.byteLength;
      if (bytes > maxAnswerBytes) controller.error(new Error("One event of the server is larger than 8 MiB."));
      else controller.enqueue(chunk);
    },
  });
}

/** An event ends with an empty line. */
function endsEvent(chunk: Uint8Array): boolean {
  const text = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  return text.includes("\n\n") || text.includes("\r\n\r\n");
}

function withBody(response: Response, limit: TransformStream<Uint8Array, Uint8Array>): Response {
  const { status, statusText, headers } = response;
  const bounded = new Response(response.body?.pipeThrough(limit), { status, statusText, headers });
  Object.defineProperty(bounded, "url", { value: response.url });
  return bounded;
}
