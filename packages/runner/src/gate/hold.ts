/** A call that was sent to be admitted only: once nothing else stands in its way it waits here for the word to run. */
export class Hold {
  readonly #word = Promise.withResolvers<void>();
  /** Only the word is missing. */
  isReady = false;

  /** The word. It counts too when it comes before its time. */
  go(): void {
    this.#word.resolve();
  }

  /** Throws the signal's reason when that is aborted. */
  wait(signal: AbortSignal): Promise<void> {
    this.isReady = true;
    return new Promise((resolve, reject) => {
      const stop = () => reject(signal.reason);
      if (signal.aborted) stop();
      signal.addEventListener("abort", stop, { once: true });
      void this.#word.promise.then(() => {
        signal.removeEventListener("abort", stop);
        this.isReady = false;
        resolve();
      });
    });
  }
}
