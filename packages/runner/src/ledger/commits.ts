/** When writes are committed: a commit costs several times what a write does, so that those which can wait share one. */
interface Connection {
  readonly inTransaction: boolean;
  exec(sql: "begin" | "commit" | "rollback"): unknown;
}

const delayMs = 10;

export class Commits {
  readonly #db: Connection;
  #timer: NodeJS.Timeout | null = null;
  /** Why the last shared commit failed; told to the next writer. */
  #failure: unknown = null;

  constructor(db: Connection) {
    this.#db = db;
  }

  /** Committed on return, with everything before it. */
  now<T>(write: () => T): T {
    this.#tell();
    const result = write();
    this.flush();
    return result;
  }

  /** Committed within 10 ms. */
  soon<T>(write: () => T): T {
    this.#tell();
    if (!this.#db.inTransaction) this.#db.exec("begin");
    this.#timer ??= setTimeout(() => this.#flushLate(), delayMs).unref();
    return write();
  }

  flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#db.inTransaction) return;
    try {
      this.#db.exec("commit");
    } catch (error) {
      if (this.#db.inTransaction) this.#db.exec("rollback");
      throw error;
    }
  }

  #flushLate(): void {
    try {
      this.flush();
    } catch (error) {
      this.#failure = error;
    }
  }

  #tell(): void {
    const failure = this.#failure;
    this.#failure = null;
    if (failure) throw failure;
  }
}
