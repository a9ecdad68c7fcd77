/** What needs the grammar of a shell: apart from the rest, because loading it takes 14 MB. */
export { failedExamples } from "./examples.ts";
export { readScript } from "./shell/read-script.ts";
