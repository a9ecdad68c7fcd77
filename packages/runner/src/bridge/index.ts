/** What the rest of the runner and the command line use of the bridge. */
export { type Bridge, type BridgeParts, openBridge } from "./bridge.ts";
export { readServers, type Server, type ServerInput, writeServers } from "./config.ts";
export { type Imported, importServers } from "./import/import-servers.ts";
export { type ImportSource, importSources } from "./import/sources.ts";
