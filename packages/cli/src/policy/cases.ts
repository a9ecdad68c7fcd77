/** A file of cases for `paddock policy test`: calls, and what the rules are expected to say about them. */
import { readFileSync } from "node:fs";
import { PaddockError } from "@paddock/contract";
import { parse, TomlError } from "smol-toml";
import * as z from "zod";

const oneCase = z
  .strictObject({
    command: z.string().min(1).optional(),
    tool: z.string().min(1).optional(),
    input: z.record(z.string(), z.unknown()).default({}),
    expect: z.enum(["allow", "ask", "deny"]),
    /** The rule that is to decide. */
    rule: z.string().optional(),
  })
  .refine(({ command, tool }) => (command === undefined) !== (tool === undefined), "names a command or a tool");

const file = z.strictObject({ case: z.array(oneCase).min(1).max(1000) });

export type Case = z.output<typeof oneCase>;

export function readCases(path: string): readonly Case[] {
  try {
    return file.parse(parse(readFileSync(path, "utf8"))).case;
  } catch (error) {
    throw new PaddockError("invalid_input", `${path} is no file of cases: ${wordsOf(error)}.`, example);
  }
}

function wordsOf(error: unknown): string {
  if (error instanceof TomlError) return `line ${error.line}, ${error.message.split("\n")[0]}`;
  if (!(error instanceof z.ZodError)) return (error as Error).message;
  const [issue] = error.issues;
  return `${issue?.path.join(".")}: ${issue?.message}`;
}

const example = 'A case is: [[case]], then command = "git push" (or tool and input) and expect = "ask".';
