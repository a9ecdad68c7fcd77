/**
 * The hub's database: one SQLite file, opened by one process at a time. SQL is written so that PostgreSQL takes it too:
 * text ids, milliseconds since the epoch as bigint, JSON as text, booleans as 0 and 1.
 */
import { PaddockError } from "@paddock/contract";
import Sqlite, { type Database as SqliteDatabase } from "better-sqlite3";
import { migrations } from "./migrations.ts";

export type Database = SqliteDatabase;

/**
 * Opens the file, makes it when it is missing and brings it up to date; `:memory:` keeps nothing.
 * Throws already_running when another process has it, invalid_config when a newer Paddock made it.
 */
export function openDatabase(path: string): Database {
  const database = new Sqlite(path, { timeout: 500 });
  try {
    claim(database);
    migrate(database);
    return database;
  } catch (error) {
    database.close();
    throw isBusy(error) ? new PaddockError("already_running", "Another hub uses this state folder.") : error;
  }
}

/**
 * The lock is held until the process ends, however it ends, and spares the shared memory that several readers would need.
 * With NORMAL a committed write survives the death of the process; a power cut may lose the last ones, never the file.
 */
function claim(database: Database): void {
  database.pragma("locking_mode = EXCLUSIVE");
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = NORMAL");
  database.pragma("foreign_keys = ON");
  database.exec("BEGIN EXCLUSIVE; COMMIT");
}

function migrate(database: Database): void {
  const version = Number(database.pragma("user_version", { simple: true }));
  if (version > migrations.length) {
    throw new PaddockError(
      "invalid_config",
      "The database was made by a newer Paddock.",
      "Update Paddock, or restore a backup.",
    );
  }
  migrations.slice(version).forEach((statements, index) => {
    database.transaction(() => {
      database.exec(statements);
      database.pragma(`user_version = ${version + index + 1}`);
    })();
  });
}

/** Runs a write. Throws unavailable when the disk does not take it, so that the caller hears more than `internal`. */
export function writing<T>(write: () => T): T {
  try {
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

const isBusy = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "SQLITE_BUSY";
