/** docs/generated/errors.md: every failure a caller can act on. */
import { errorCodes, errors } from "@paddock/contract";
import { code, generatedNote, table } from "./markdown.ts";

export function errorsPage(): string {
  const rows = errorCodes.map((name) => {
    const { status, exit, nextStep } = errors[name];
    return [code(name), String(status), String(exit), nextStep];
  });
  return `# Errors

${generatedNote}
Codes are stable. The HTTP status is that of REST; a tool called over MCP answers with \`isError\` and the same code. The exit
code is that of the command line. Where the place of a failure knows a better next step, it says that one.

${table(["code", "HTTP", "exit", "next step"], rows)}`;
}
