/** What may happen: rules and a request in, a decision out. */
export { builtinRules } from "./builtin-rules.ts";
export { dependsOnCommands, wishesOf } from "./condition.ts";
export { credentialsIn, systemSecrets } from "./credentials.ts";
export { decide } from "./decide.ts";
export type * from "./examples.ts";
export type * from "./request.ts";
export type * from "./rule.ts";
export { looksSecret } from "./secret-names.ts";
export { type Shadowed, shadowedRules } from "./shadowed.ts";
export type * from "./shell/script.ts";
export { mentionsTerminalProgram, wantingIn } from "./terminal-programs.ts";
