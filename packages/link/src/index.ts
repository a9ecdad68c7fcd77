/** How hub and runner are connected: wires, and what keeps them whole. Knows neither side. */
export { giveBack } from "./give-back.ts";
export { plainWire } from "./plain-wire.ts";
export { headerOf, openStreams, type Streams } from "./streams.ts";
export type { Wire, WireEvents } from "./wire.ts";
