/** What may happen: rules and a request in, a decision out. */
export { builtinRules } from "./builtin-rules.ts";
export { credentialsIn, systemSecrets } from "./credentials.ts";
export { decide, wishesOf } from "./decide.ts";
export type * from "./request.ts";
export type * from "./rule.ts";
export { readScript } from "./shell/read-script.ts";
export type * from "./shell/script.ts";
