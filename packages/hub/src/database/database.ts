/**
 * The hub's database: one SQLite file, opened by one process at a time. SQL is written so that PostgreSQL takes it too:
 * text ids, milliseconds since the epoch as bigint, JSON as text, booleans as 0 and 1.
 */
import { PaddockError } from "@paddock/contract";
import Sqlite from "better-sqlite3";
import { migrations } from "./migrations.ts";

export interface Database {
  prepare(sql: string): Statement;
  /** Writes as one transaction that is committed on return. Throws unavailable when the disk does not take it. */
  now<T>(write: () => T): T;
  /** One write that is committed within 10 ms, together with others: for what may be lost when the process is killed. */
  soon<T>(write: () => T): T;
  close(): void;
}

type Sql = Sqlite.Database;
type Statement = Sqlite.Statement<unknown[]>;

/**
 * Opens the file, makes it when it is missing and brings it up to date; `:memory:` keeps nothing.
 * Throws already_running when another process has it, invalid_config when a newer Paddock made it.
 */
export function openDatabase(path: string): Database {
  const sql = new Sqlite(path, { timeout: 500 });
  try {
    claim(sql);
    migrate(sql);
    return new BatchingDatabase(sql);
  } catch (error) {
    sql.close();
    throw isBusy(error) ? new PaddockError("already_running", "Another hub uses this state folder.") : error;
  }
}

/**
 * The lock is held until the process ends, however it ends, and spares the shared memory that several readers would need.
 * With NORMAL a committed write survives the death of the process; a power cut may lose the last ones, never the file.
 */
function claim(sql: Sql): void {
  sql.pragma("locking_mode = EXCLUSIVE");
  sql.pragma("journal_mode = WAL");
  sql.pragma("synchronous = NORMAL");
  sql.pragma("foreign_keys = ON");
  sql.exec("BEGIN EXCLUSIVE; COMMIT");
}

function migrate(sql: Sql): void {
  const version = Number(sql.pragma("user_version", { simple: true }));
  if (version > migrations.length) {
    throw new PaddockError(
      "invalid_config",
      "The database was made by a newer Paddock.",
      "Update Paddock, or restore a backup.",
    );
  }
  migrations.slice(version).forEach((statements, index) => {
    sql.transaction(() => {
      sql.exec(statements);
      sql.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

const commitDelayMs = 10;

/** A commit costs several times what a write does, so that writes which can wait share one. */
class BatchingDatabase implements Database {
  readonly #sql: Sql;
  readonly #transaction: (write: () => unknown) => unknown;
  #timer: NodeJS.Timeout | null = null;
  /** Why the last shared commit failed; told to the next writer. */
  #failure: unknown = null;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#transaction = sql.transaction((write: () => unknown) => write());
  }

  prepare(text: string): Statement {
    return this.#sql.prepare(text);
  }

  now<T>(write: () => T): T {
    return this.#told(() => {
      const result = this.#transaction(write) as T;
      this.#commit();
      return result;
    });
  }

  soon<T>(write: () => T): T {
    return this.#told(() => {
      if (!this.#sql.inTransaction) this.#sql.exec("BEGIN");
      this.#timer ??= setTimeout(() => this.#commitLate(), commitDelayMs).unref();
      return write();
    });
  }

  close(): void {
    this.#commit();
    this.#sql.close();
  }

  #commitLate(): void {
    try {
      this.#commit();
    } catch (error) {
      this.#failure = error;
    }
  }

  #commit(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#sql.inTransaction) return;
    try {
      this.#sql.exec("COMMIT");
    } catch (error) {
      if (this.#sql.inTransaction) this.#sql.exec("ROLLBACK");
      throw error;
    }
  }

  /** Tells the writer what the disk did not take, as something to act on. */
  #told<T>(write: () => T): T {
    try {
      const failure = this.#failure;
      this.#failure = null;
      if (failure) throw failure;
      return write();
    } catch (error) {
      if (!(error instanceof Sqlite.SqliteError) || !/^SQLITE_(FULL|IOERR|READONLY)/.test(error.code)) throw error;
      throw new PaddockError(
        "unavailable",
        `The hub's database cannot be written: ${error.message}.`,
        "Free space in the state folder.",
      );
    }
  }
}

const isBusy = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "SQLITE_BUSY";
