/** A refusal that also tells the client how it can sign in. */
import { PaddockError } from "@paddock/contract";

export class Unauthorized extends PaddockError {
  /** The value of the WWW-Authenticate header. */
  readonly challenge: string;

  constructor({ message, nextStep }: PaddockError, challenge: string) {
    super("unauthorized", message, nextStep);
    this.challenge = challenge;
  }
}
