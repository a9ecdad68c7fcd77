/** A passphrase of the owner's, wanted on the control sockets for what widens what may happen. */

/** Header of a request on a control socket: the passphrase in base64url, so that every letter can be sent. */
export const passphraseHeader = "paddock-passphrase";

export interface Passphrase {
  /** `header` is what was sent. Throws passphrase_required, passphrase_wrong, and too_many after several wrong ones. */
  check(header: string | undefined): Promise<void>;
  /** Keeps a new one in the place of the old one; null keeps none. */
  change(passphrase: string | null): Promise<void>;
}

/** For an installation whose owner can set none. */
export const noPassphrase: Passphrase = {
  check: () => Promise.resolve(),
  change: () => Promise.reject(new Error("Nothing keeps a passphrase here.")),
};
