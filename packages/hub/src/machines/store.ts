/** Machines and join codes in the database; of a code only its hash. */
import { type MachineId, machineId } from "@paddock/contract";
import * as z from "zod";
import type { Database } from "../database/database.ts";

const labels = z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text)));

const machineRow = z.object({
  id: machineId,
  name: z.string(),
  labels,
  /** Null for the hub's own machine, whose runner needs no key. */
  public_key: z.string().nullable(),
  hostname: z.string(),
  enrolled_at: z.number(),
  last_seen_at: z.number().nullable(),
  disabled_at: z.number().nullable(),
});
export type MachineRow = z.output<typeof machineRow>;

const codeRow = z.object({
  /** SHA-256 in hex. */
  hash: z.string(),
  name: z.string().nullable(),
  labels,
  created_at: z.number(),
  expires_at: z.number(),
  /** The machine that joined with it. */
  used_by: machineId.nullable(),
});
export type CodeRow = z.output<typeof codeRow>;

export interface MachineStore {
  list(): MachineRow[];
  insert(row: MachineRow): void;
  /** Writes the machine and that the code is used, both or neither. */
  enrol(row: MachineRow, codeHash: string): void;
  /** Writes what may change of a machine. */
  update(row: MachineRow): void;
  seen(id: MachineId, at: number): void;
  remove(id: MachineId): void;
  insertCode(row: CodeRow): void;
  findCode(hash: string): CodeRow | null;
  /** Codes that can still be used. */
  openCodes(now: number): CodeRow[];
  forgetCodes(before: number): void;
  /** Forgets those that can still be used; how many. */
  voidCodes(): number;
}

export function openMachineStore(database: Database): MachineStore {
  const prepared = prepare(database);
  const insert = (row: MachineRow): void => {
    const { id, name, labels: words, public_key, hostname, enrolled_at, last_seen_at, disabled_at } = row;
    const values = [id, name, JSON.stringify(words), public_key, hostname, enrolled_at, last_seen_at, disabled_at];
    prepared.insert.run(values);
  };
  return {
    list: () => prepared.list.all().map((row) => machineRow.parse(row)),
    insert: (row) => database.now(() => insert(row)),
    enrol: (row, codeHash) =>
      database.now(() => {
        insert(row);
        prepared.useCode.run(row.id, codeHash);
      }),
    update: ({ id, name, labels: words, public_key, disabled_at }) =>
      void database.now(() => prepared.update.run(name, JSON.stringify(words), public_key, disabled_at, id)),
    seen: (id, at) => void database.soon(() => prepared.seen.run(at, id)),
    remove: (id) => void database.now(() => prepared.remove.run(id)),
    insertCode: ({ hash, name, labels: words, created_at, expires_at }) =>
      void database.now(() => prepared.insertCode.run(hash, name, JSON.stringify(words), created_at, expires_at)),
    findCode(hash) {
      const found = prepared.findCode.get(hash);
      return found === undefined ? null : codeRow.parse(found);
    },
    openCodes: (now) => prepared.openCodes.all(now).map((row) => codeRow.parse(row)),
    voidCodes: () => database.now(() => Number(prepared.voidCodes.run().changes)),
    forgetCodes: (before) => void database.soon(() => prepared.forgetCodes.run(before)),
  };
}

const prepare = (database: Database) => ({
  list: database.prepare("SELECT * FROM machines"),
  insert: database.prepare(
    `INSERT INTO machines (id, name, labels, public_key, hostname, enrolled_at, last_seen_at, disabled_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  update: database.prepare("UPDATE machines SET name = ?, labels = ?, public_key = ?, disabled_at = ? WHERE id = ?"),
  seen: database.prepare("UPDATE machines SET last_seen_at = ? WHERE id = ?"),
  remove: database.prepare("DELETE FROM machines WHERE id = ?"),
  insertCode: database.prepare(
    "INSERT INTO machine_codes (hash, name, labels, created_at, expires_at) VALUES (?, ?, ?, ?, ?)",
  ),
  useCode: database.prepare("UPDATE machine_codes SET used_by = ? WHERE hash = ?"),
  findCode: database.prepare("SELECT * FROM machine_codes WHERE hash = ?"),
  openCodes: database.prepare("SELECT * FROM machine_codes WHERE used_by IS NULL AND expires_at > ?"),
  voidCodes: database.prepare("DELETE FROM machine_codes WHERE used_by IS NULL"),
  forgetCodes: database.prepare("DELETE FROM machine_codes WHERE expires_at < ?"),
});
