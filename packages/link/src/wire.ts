/**
 * One connection between hub and runner, whatever it is made of: whole texts and whole byte messages, in order, until it ends.
 * It is lost as a whole; nothing in it is ever missing.
 */

export interface WireEvents {
  text(text: string): void;
  /** One message, in the pieces in which it came. */
  bytes(pieces: readonly Buffer[]): void;
  /** Something came, be it only a sign of life. */
  alive?(): void;
  /** Comes once. */
  closed(reason: string): void;
}

export interface Wire {
  readonly isOpen: boolean;
  /** Bytes that wait to be sent. */
  readonly waiting: number;
  /** Whoever listens last hears everything from then on. */
  listen(events: WireEvents): void;
  text(text: string): void;
  /** Sends the pieces as one message. `taken` is called when they are not needed any more, unless the wire ends before. */
  bytes(pieces: readonly Buffer[], taken?: () => void): void;
  /** What is sent meanwhile goes out with one system call where that can be. */
  together(send: () => void): void;
  /** Resolves when what was sent is on its way, or never will be. */
  drained(): Promise<void>;
  /** Asks for a sign of life. */
  ping(): void;
  /** Ends it once what was sent is on its way. */
  close(): void;
  /** Ends it now, for that reason. */
  cut(reason: string): void;
}

/** A message of up to so many bytes is sent in one piece rather than in pieces of its own. */
export const copyBytes = 64 * 1024;
