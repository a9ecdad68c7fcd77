/**
 * Memory that is given back at once. Left to the collector it piles up outside of its heap, which then is marked through every
 * few megabytes: that takes longer than all else that is done with a stream's bytes.
 */

/** Smaller ones are not worth it, and mostly share their memory. */
const smallestBytes = 16 * 1024;

/** Nobody may need the buffer any more: it is empty afterwards. One that shares its memory with others is left as it is. */
export function giveBack(buffer: Buffer): void {
  const memory = buffer.buffer;
  const isAlone = memory instanceof ArrayBuffer && memory.byteLength === buffer.length;
  if (isAlone && buffer.length >= smallestBytes) memory.transfer(0);
}
