/**
 * A run's answer as the bytes of a `tools/call` result. The envelope was serialised on the machine and is passed on as it
 * is: once as `structuredContent`, and up to a limit as text too, for clients that read only that.
 */
import { isTerminal } from "@paddock/contract";
import type { Answer } from "../../runs/runs.ts";

const maxTextBytes = 128 * 1024;
const comma = Buffer.from(",");
const closeContent = Buffer.from("]");
const structuredContent = Buffer.from('],"structuredContent":');

/** `head` ends where the result's first field begins; `tail` ends the result and the answer. */
export function toolAnswer(head: Buffer, answer: Answer, envelope: boolean, tail: string): Buffer[] {
  // A bare answer has a declared shape of its own, which neither a failure nor an unfinished run fits.
  const misfit = !envelope && !(answer.ok && isTerminal(answer.state));
  const parts = [head, Buffer.from(`"content":[{"type":"text","text":${text(answer.envelope, misfit)}}`)];
  const content = answer.content?.subarray(1, -1);
  if (content && content.length > 0) parts.push(comma, content);
  if (misfit) parts.push(closeContent);
  else parts.push(structuredContent, answer.envelope);
  parts.push(Buffer.from(!answer.ok || misfit ? `,"isError":true${tail}` : tail));
  return parts;
}

function text(envelope: Buffer, alone: boolean): string {
  if (alone || envelope.length <= maxTextBytes) return JSON.stringify(envelope.toString("utf8"));
  return JSON.stringify(
    `This answer has ${envelope.length} bytes. All of it is in structuredContent. ` +
      "If you see only this text, ask for less at once: most tools take a limit, a range or a cursor.",
  );
}
