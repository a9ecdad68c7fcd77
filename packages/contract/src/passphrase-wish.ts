/** What the owner sends to set a passphrase. */
import * as z from "zod";

/** What it is set to; null takes it away. */
export const passphraseWish = z.strictObject({ passphrase: z.string().min(12).max(1024).nullable() });
