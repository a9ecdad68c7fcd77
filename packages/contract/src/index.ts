/** What may be said between Paddock's parts: tools, link frames, errors, settings. Schemas only; nothing here acts. */
export * from "./approval.ts";
export * from "./audit.ts";
export * from "./canonical-json.ts";
export * from "./config.ts";
export * from "./envelope.ts";
export * from "./errors.ts";
export * from "./fields.ts";
export * from "./fingerprint.ts";
export * from "./ids.ts";
export * from "./invalid-input.ts";
export * from "./mask.ts";
export * from "./parse-input.ts";
export * from "./principal.ts";
export * from "./run.ts";
export * from "./tool.ts";
export * from "./tool-schema.ts";
export * from "./visible.ts";
