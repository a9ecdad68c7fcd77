/** One call of the table, and how it is made. */
import type { ErrorCode } from "@paddock/contract";
import type { ToolName } from "@paddock/contract/tools";
import type { McpResult } from "./ground.ts";

/** What earlier rows left for later ones; `run` is the run of the one before. */
export type Kept = Record<string, string>;

export interface Row {
  tool: ToolName;
  input: unknown;
  /** Code of the failure; a success when absent. */
  code?: ErrorCode;
  /** Parts of the data of a success, by dotted path. */
  data?: Record<string, unknown>;
  /** Names for later rows: the value of a field of the data, by dotted path. */
  keep?: Record<string, string>;
  /** Whatever else has to be true of the answer. */
  also?: (result: McpResult) => void;
}

/** What a tool without parameters does not take. */
export const noObject: Pick<Row, "input" | "code"> = { input: [], code: "invalid_input" };

/** The value at a dotted path. */
export const at = (data: unknown, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], data);

/** The row's input, with what earlier rows kept in the place of `$name`. */
export function inputOf({ input }: Row, kept: Kept): unknown {
  if (Array.isArray(input)) return input;
  return Object.fromEntries(
    Object.entries(input as object).map(([name, value]) => [
      name,
      typeof value === "string" && value.startsWith("$") ? kept[value.slice(1)] : value,
    ]),
  );
}
