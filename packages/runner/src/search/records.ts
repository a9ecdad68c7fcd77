/** Cuts a stream into records that end with one byte, without joining more than one record's pieces. */

export interface Records {
  /** Takes the next piece; false as soon as the receiver wants no more. */
  push(piece: Buffer): boolean;
}

/** Gives `receive` each record without its end; one of more than `maxBytes` is dropped. */
export function records(end: number, maxBytes: number, receive: (record: Buffer) => boolean): Records {
  let open: Buffer[] = [];
  let size = 0;
  let wanted = true;

  const keep = (piece: Buffer) => {
    size += piece.length;
    if (size <= maxBytes) open.push(piece);
    else open = [];
  };
  const finish = (piece: Buffer) => {
    keep(piece);
    const record = open.length === 1 ? piece : Buffer.concat(open);
    const fits = size <= maxBytes;
    open = [];
    size = 0;
    return !fits || receive(record);
  };

  return {
    push(piece) {
      let start = 0;
      for (let found = piece.indexOf(end); wanted && found !== -1; found = piece.indexOf(end, start)) {
        wanted = finish(piece.subarray(start, found));
        start = found + 1;
      }
      // A copy: the piece's memory is only lent.
      if (wanted && start < piece.length) keep(Buffer.from(piece.subarray(start)));
      return wanted;
    },
  };
}
