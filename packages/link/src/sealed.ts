/** The wire over a network, and the keys behind it: loaded only where a machine is reached over one. */
export { type Carrier, type CarrierEvents, socketCarrier } from "./carrier.ts";
export { type Approach, approachHub, receiveRunner } from "./handshake.ts";
export { fingerprintOf, keyAt, keyFromPem, type LinkKey, newKey, writePrivate } from "./keys.ts";
export { messagesIn, withLength } from "./messages.ts";
export { sealBytes } from "./sealed-wire.ts";
export { leadsTo } from "./succession.ts";
