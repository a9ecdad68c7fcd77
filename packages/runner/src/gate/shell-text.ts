/** What reads shell text, loaded with the first text that has to be read: it takes 14 MB, and most calls have none. */
import { createRequire } from "node:module";

type ShellText = typeof import("@paddock/policy/shell");

const load = createRequire(import.meta.url);
const loaded = (): ShellText => load("@paddock/policy/shell");

export const readScript: ShellText["readScript"] = (text) => loaded().readScript(text);
export const failedExamples: ShellText["failedExamples"] = (rule, examples) => loaded().failedExamples(rule, examples);
