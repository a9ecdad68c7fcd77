/**
 * Keeps what Node makes of Paddock's code, for the next start; loaded before everything else. Plain JavaScript, because nothing
 * is kept before this has run.
 */
import module from "node:module";

// Beside the packages it was made from, owned by whoever owns them: a cache of code is to be trusted like code.
module.enableCompileCache(new URL("../../../node_modules/.cache/paddock", import.meta.url).pathname);
