/**
 * Runs one regular expression in a thread of its own, which can be ended. One search takes linear time, but many searches
 * that each look far ahead do not.
 */
import { parentPort, workerData } from "node:worker_threads";
import { RE2JS } from "re2js";
import type { RegexAnswer, RegexReplacement } from "./regex.ts";
import { parseTemplate } from "./replacement-template.ts";

function answer(request: RegexReplacement): RegexAnswer {
  let expression: RE2JS;
  try {
    expression = RE2JS.compile(RE2JS.translateRegExp(request.pattern), flagBits(request.flags));
  } catch (error) {
    return { type: "invalid", reason: error instanceof Error ? error.message : String(error) };
  }
  return replaced(expression, request);
}

const bits: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
};

const flagBits = (flags: string): number => [...flags].reduce((sum, flag) => sum | (bits[flag] ?? 0), 0);

function replaced(expression: RE2JS, { content, replacement, flags, maxCharacters }: RegexReplacement): RegexAnswer {
  const template = parseTemplate(replacement, expression.groupCount(), expression.namedGroups());
  const matcher = expression.matcher(content);
  let result = "";
  let [from, count, size] = [0, 0, content.length];
  while ((count === 0 || flags.includes("g")) && matcher.find()) {
    const text = template.map((part) => (typeof part === "string" ? part : (matcher.group(part) ?? ""))).join("");
    result += content.slice(from, matcher.start()) + text;
    size += text.length - (matcher.end() - matcher.start());
    if (size > maxCharacters) return { type: "too_large" };
    from = matcher.end();
    count += 1;
  }
  return { type: "replaced", content: result + content.slice(from), count };
}

parentPort?.postMessage(answer(workerData as RegexReplacement));
