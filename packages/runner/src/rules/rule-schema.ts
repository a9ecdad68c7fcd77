/** A rule as the owner writes it in `policy.toml`, and the rule of the policy that it comes to. */
import { resolve } from "node:path";
import { findTool } from "@paddock/contract/tools";
import type { Condition, Examples, Rule } from "@paddock/policy";
import * as z from "zod";
import { realPath } from "../gate/wanted.ts";

/** So that no pattern takes long, whatever it is held against. */
const maxStars = 4;

const text = (maxLength: number) =>
  z
    .string()
    .min(1)
    .max(maxLength)
    .regex(/^[^\p{Cc}]*$/u, "must not hold control characters");
const pattern = text(1024).refine(
  (value) => (value.match(/\*+/g) ?? []).length <= maxStars,
  `has more than ${maxStars} stars`,
);
const place = text(4096).regex(/^(\/|~(\/|$))/, "must be absolute, or begin with ~/");
const listOf = <S extends z.ZodType<string>>(item: S) =>
  z
    .union([item, z.array(item).min(1).max(64)])
    .transform((value): string[] => (Array.isArray(value) ? value : [value]));

const program = pattern.refine(
  (value) => !value.includes("/") || /^[/~*]/.test(value),
  "is a name or an absolute path",
);
const clock = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;
const toolName = text(64).refine((name) => findTool(name) !== undefined, "is no tool");
const example = z.union([text(4096), z.strictObject({ tool: toolName, input: z.record(z.string(), z.unknown()) })]);
const examples = z
  .union([example, z.array(example).max(100)])
  .transform((value) => (Array.isArray(value) ? value : [value]));

export const ruleSchema = z
  .strictObject({
    id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, "is 1 to 64 of a-z, 0-9, dot, dash and underscore"),
    verdict: z.enum(["allow", "ask", "deny"]),
    reason: text(500),
    assurance: z.enum(["hub", "device", "local"]).optional(),
    override: z.boolean().optional(),
    program: listOf(program).optional(),
    args: z.array(pattern).max(32).optional(),
    exact: z.boolean().optional(),
    paths: listOf(place).optional(),
    cwd: listOf(place).optional(),
    network: listOf(text(255)).optional(),
    server: listOf(pattern).optional(),
    machine: listOf(text(255)).optional(),
    caller: listOf(text(128)).optional(),
    tools: listOf(toolName).optional(),
    effects: listOf(z.enum(["reads", "adds", "changes", "executes", "reaches"])).optional(),
    profiles: listOf(z.enum(["readonly", "workspace", "open"])).optional(),
    wishes: listOf(z.enum(["network", "no_cage", "beyond"])).optional(),
    until: z
      .union([z.date(), z.iso.datetime({ offset: true })])
      .transform((value) => new Date(value).getTime())
      .optional(),
    hours: z.string().regex(clock, 'is a range such as "09:00-18:00"').optional(),
    match: examples.optional(),
    not_match: examples.optional(),
  })
  .superRefine((rule, context) => {
    for (const [key, message, isSo] of contradictions) {
      if (isSo(rule)) context.addIssue({ code: "custom", path: [key], message });
    }
  });

export type WrittenRule = z.output<typeof ruleSchema>;

/** A rule of the owner, with the examples that hold it to its meaning. */
export interface OwnerRule extends Rule {
  examples: Examples;
}

interface Limits {
  verdict: string;
  assurance?: unknown;
  override?: unknown;
  program?: unknown;
  args?: unknown;
  exact?: unknown;
  paths?: unknown;
  tools?: unknown;
  wishes?: readonly string[] | undefined;
}

const contradictions: readonly [key: string, message: string, isSo: (rule: Limits) => unknown][] = [
  ["assurance", "says something only for `ask`", ({ assurance, verdict }) => assurance && verdict !== "ask"],
  [
    "override",
    "says nothing for `deny`, which is the strongest",
    ({ override, verdict }) => override && verdict === "deny",
  ],
  ["args", "needs a program", ({ args, program }) => args && !program],
  ["exact", "needs a program", ({ exact, program }) => exact && !program],
  [
    "wishes",
    "paths beyond the roots are allowed by name: say which paths",
    ({ verdict, wishes, paths }) => verdict === "allow" && wishes?.includes("beyond") && !paths,
  ],
  [
    "wishes",
    "outside of the cage only what is named is allowed: say which program or tools",
    ({ verdict, wishes, program, tools }) => verdict === "allow" && wishes?.includes("no_cage") && !program && !tools,
  ],
];

/** `~` becomes the owner's home. What asks or denies speaks of a place by the name that a link leads to as well. */
export function ruleOf(written: WrittenRule, ownerHome: string): OwnerRule {
  const { id, verdict, reason, assurance, override, match = [], not_match: notMatch = [] } = written;
  const absolute = (path: string) => path.replace(/^~(?=\/|$)/, ownerHome);
  const places = (paths: readonly string[]) =>
    paths.flatMap((path) => {
      const plain = resolve(absolute(path));
      const real = verdict === "allow" ? null : realPath(plain);
      return real === null || real === plain ? [plain] : [plain, real];
    });
  const { paths, cwd, program, args = [], exact, hours } = written;
  const when: Condition = present({
    paths: paths && places(paths),
    cwd: cwd && places(cwd),
    programs: program?.map((name) => ({ name: absolute(name), args, ...(exact ? { exact } : {}) })),
    network: written.network,
    servers: written.server,
    machines: written.machine,
    callers: written.caller,
    tools: written.tools,
    effects: written.effects as Condition["effects"],
    profiles: written.profiles as Condition["profiles"],
    wishes: written.wishes as Condition["wishes"],
    until: written.until,
    hours: hours === undefined ? undefined : minutesOf(hours),
  });
  return { id, verdict, reason, when, ...present({ assurance, override }), examples: { match, notMatch } };
}

/** Without what is undefined. */
const present = <T extends object>(value: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as never;

function minutesOf(range: string): { from: number; to: number } {
  const [, fromHour, fromMinute, toHour, toMinute] = clock.exec(range) ?? [];
  return { from: Number(fromHour) * 60 + Number(fromMinute), to: Number(toHour) * 60 + Number(toMinute) };
}
