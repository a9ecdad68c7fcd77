/**
 * The only way to a file. A root is a directory opened once; every path is resolved beneath one, so that no `..`, symbolic
 * link, race or odd name leads out. All paths are absolute and normalised after `locate`.
 */
import type { FileHandle } from "node:fs/promises";

export interface Located {
  /** Real absolute path of the root. */
  root: string;
  /** Path below the root, "" for the root itself. */
  relative: string;
  /** root + relative: for messages and for cages, never for opening. */
  absolute: string;
  write: boolean;
}

export interface FileState {
  type: "file" | "directory" | "symlink" | "other";
  size: number;
  mode: number;
  modifiedMs: number;
}

export interface WriteOptions {
  mode?: number;
  /** A revision: refuse with changed_meanwhile when something else is there by now; null: when something is there at all. */
  expected?: string | null;
  /** Adds to the end of what is there, by way of a copy. */
  append?: boolean;
}

/** The first half of a write: the content is on the disk, under another name. Ends with one call of either. */
export interface Staged {
  /** Puts the content in place, atomically; throws as `write` does, and then nothing has changed. */
  settle(): void;
  discard(): void;
}

export interface PartOptions {
  /** Who brings what: sixteen hex digits. */
  key: string;
  /** What the source is like: sixteen hex digits. A part of what it was before is dropped. */
  tag: string;
  overwrite: boolean;
}

/** A file that is not whole yet; it outlives its being closed. */
export interface Part extends Disposable {
  /** For reading what is there. */
  readonly fd: number;
  readonly size: number;
  append(bytes: Buffer): Promise<void>;
  /** Empties it. */
  restart(): Promise<void>;
  /** Gives it its name, once it is on the disk; throws path_exists where something has that name and may not be replaced. */
  settle(): Promise<void>;
  /** Removes it. */
  drop(): void;
}

export interface ReadFile {
  content: Buffer;
  state: FileState;
  /** The place with every link resolved. */
  real: Located;
}

export interface Roots {
  readonly list: readonly { path: string; write: boolean }[];
  /** Absolute paths that nobody sees through these roots: credentials and Paddock's own state. */
  readonly hidden: readonly string[];
  /** Finds the root of a path given by a caller, absolute or relative to `from`. Throws path_outside_roots, invalid_path or denied. */
  locate(path: string, from: string): Located;
  /** The same place with every link resolved; throws path_not_found when nothing is there. */
  real(place: Located): Promise<Located>;
  /** State of what the path leads to, links followed beneath the root; null when nothing is there. */
  stat(place: Located): Promise<FileState | null>;
  /** State of the path itself, a link not followed; null when nothing is there. */
  lstat(place: Located): Promise<FileState | null>;
  /** Opens a regular file for reading; throws path_not_found, not_a_file, path_outside_roots, permission_denied. */
  open(place: Located): Promise<FileHandle>;
  /** The whole content, at most `maxBytes`; throws file_too_large beyond. */
  read(place: Located, maxBytes: number): Promise<Buffer>;
  /** Like `read`, with what else is known of the same file, by one handle. */
  readWithState(place: Located, maxBytes: number): Promise<ReadFile>;
  /**
   * Like `lstat`, with the content of a regular file by the same handle: null for anything else, and for what is larger
   * than `maxBytes` or cannot be read.
   */
  capture(place: Located, maxBytes: number): Promise<{ content: Buffer | null; state: FileState } | null>;
  /** What a symbolic link says, as text. */
  readLink(place: Located): Promise<string>;
  /** Throws what `write`, `move` or a removal of this path would throw before touching it; changes nothing. */
  checkWritable(place: Located): void;
  /**
   * Replaces or creates a regular file atomically, parents included; the mode is kept, or 0666 less umask for a new one.
   */
  write(place: Located, content: Uint8Array, options?: WriteOptions): Promise<void>;
  /** Like `write`, in two steps, so that several files can be changed or none. Parents are made at once. */
  stage(place: Located, content: Uint8Array, options?: WriteOptions): Promise<Staged>;
  /** The part that is there of a file which comes in parts, or an empty one; parents are made. Throws what a write would. */
  openPart(place: Located, options: PartOptions): Part;
  /** Makes a symbolic link where nothing is, parents included. Where it points is not judged: following it is. */
  makeLink(place: Located, target: string): Promise<void>;
  /** Names and states of a directory's entries, unsorted, links not followed; what is hidden is left out. */
  entries(place: Located): Promise<{ name: string; state: FileState }[]>;
  /** Makes a directory and its parents; one that is there already is fine. */
  makeDirectory(place: Located): Promise<void>;
  /** Copies a regular file, its mode included, without holding its content in memory. */
  copy(from: Located, to: Located, options: { overwrite: boolean }): Promise<void>;
  /** Renames within the roots, copying across file systems where it must. Links are moved, not followed. */
  move(from: Located, to: Located, options: { overwrite: boolean }): Promise<void>;
  /** Removes a file or link, never what a link points at. */
  removeFile(place: Located): Promise<void>;
  removeDirectory(place: Located, options: { recursive: boolean }): Promise<void>;
}
