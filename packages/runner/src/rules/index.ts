/** What the command line needs to check a rule file without a runner. */
export type { Condition } from "@paddock/policy";
export { parseRules } from "./parse-rules.ts";
export { readRuleFile } from "./rule-file.ts";
