/** A bridged tool's result on its way to the caller: bounded, without the server's secrets, otherwise as it came. */
import type { Content } from "../tools/handler.ts";
import { type Server, secretsOf } from "./config.ts";
import type { Json } from "./connection.ts";

export interface BridgedAnswer {
  isError: boolean;
  /** The server's content; images and audio without their bytes, which are in `media`. */
  content: Json[];
  structured: unknown;
  media: Content[];
  truncated: boolean;
}

const maxTextBytes = 1024 * 1024;
const maxMediaBytes = 4 * 1024 * 1024;
const maxBlocks = 1000;

export function answerOf(server: Server, raw: Json): BridgedAnswer {
  const result = withoutSecrets(server, raw);
  const blocks = Array.isArray(result.content) ? result.content.filter(isBlock) : [];
  const answer: BridgedAnswer = {
    isError: result.isError === true,
    content: [],
    structured: undefined,
    media: [],
    truncated: blocks.length > maxBlocks,
  };
  let textLeft = maxTextBytes - takeStructured(answer, result.structuredContent);
  let mediaLeft = maxMediaBytes;
  for (const block of blocks.slice(0, maxBlocks)) {
    if (isMedia(block)) mediaLeft -= takeMedia(answer, block, mediaLeft);
    else textLeft -= takeBlock(answer, block, textLeft);
  }
  return answer;
}

const isBlock = (block: unknown): block is Json => typeof block === "object" && block !== null && !Array.isArray(block);

const isMedia = (block: Json): boolean =>
  (block.type === "image" || block.type === "audio") && typeof block.data === "string";

function takeStructured(answer: BridgedAnswer, structured: unknown): number {
  if (structured === undefined) return 0;
  const bytes = bytesOf(structured);
  if (bytes <= maxTextBytes / 2) answer.structured = structured;
  else answer.truncated = true;
  return Math.min(bytes, maxTextBytes / 2);
}

function takeMedia(answer: BridgedAnswer, block: Json, room: number): number {
  const { data, ...rest } = block;
  const bytes = String(data).length;
  answer.content.push({ ...rest, bytes });
  if (bytes > room) {
    answer.truncated = true;
    return 0;
  }
  answer.media.push(block as Content);
  return bytes;
}

/** What does not fit: text is cut, anything else is left out. */
function takeBlock(answer: BridgedAnswer, block: Json, room: number): number {
  const bytes = bytesOf(block);
  if (bytes <= room) {
    answer.content.push(block);
    return bytes;
  }
  answer.truncated = true;
  if (typeof block.text !== "string" || room <= 0) return 0;
  const text = block.text.slice(0, Math.floor(room / 3));
  answer.content.push({ ...block, text });
  return room;
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** A server that repeats its own key does not bring it into a transcript. */
function withoutSecrets(server: Server, raw: Json): Json {
  const secrets = secretsOf(server);
  return secrets.length === 0 ? raw : (JSON.parse(maskJson(secrets, JSON.stringify(raw))) as Json);
}

const maskJson = (secrets: readonly string[], text: string): string =>
  maskText(
    secrets.map((secret) => JSON.stringify(secret).slice(1, -1)),
    text,
  );

export function maskText(secrets: readonly string[], text: string): string {
  return secrets.reduce((masked, secret) => masked.replaceAll(secret, "[secret]"), text);
}
