/** The wire over a network, and the keys behind it: loaded only where a machine is reached over one. */
export { type Carrier, socketCarrier } from "./carrier.ts";
export { approachHub, receiveRunner } from "./handshake.ts";
export { fingerprintOf, keyAt, keyFromPem, type LinkKey, newKey, writePrivate } from "./keys.ts";
export { sealBytes } from "./sealed-wire.ts";
