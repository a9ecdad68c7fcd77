/** What is said to whoever shows a credential that stands for nothing, or stands for nothing any more. */
import { PaddockError } from "@paddock/contract";

export const grantOver = (): PaddockError =>
  new PaddockError("unauthorized", "The token is unknown, expired or revoked.");
