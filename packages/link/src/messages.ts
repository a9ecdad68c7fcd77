/** Whole messages in a stream of bytes: each with its length before it, as 32 bits. */

const lengthBytes = 4;

export const withLength = (pieces: readonly Buffer[]): Buffer => {
  const length = Buffer.allocUnsafe(lengthBytes);
  length.writeUInt32BE(pieces.reduce((sum, piece) => sum + piece.length, 0));
  return Buffer.concat([length, ...pieces]);
};

export interface Messages {
  /** The messages that are whole with these bytes; null for one that is too large. */
  add(bytes: Buffer): Buffer[] | null;
}

export function messagesIn(maxBytes: number): Messages {
  let pieces: Buffer[] = [];
  let have = 0;
  let wanted = lengthBytes;
  const join = (): Buffer => {
    const joined = Buffer.concat(pieces, have);
    pieces = [joined];
    return joined;
  };
  return {
    add(bytes) {
      pieces.push(bytes);
      have += bytes.length;
      const whole: Buffer[] = [];
      while (have >= wanted) {
        let rest = join();
        wanted = lengthBytes + rest.readUInt32BE(0);
        if (wanted > maxBytes + lengthBytes) return null;
        if (have < wanted) break;
        whole.push(rest.subarray(lengthBytes, wanted));
        rest = rest.subarray(wanted);
        pieces = [rest];
        have = rest.length;
        wanted = lengthBytes;
      }
      return whole;
    },
  };
}
