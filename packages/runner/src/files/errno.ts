/** The operating system's refusals in the words of the errors table, so that every file operation fails alike. */
import { type ErrorCode, PaddockError, printableLine } from "@paddock/contract";

const meanings: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ["path_not_found", "Nothing is there"],
  ENOTDIR: ["not_a_directory", "A part of the path is not a directory"],
  EISDIR: ["not_a_file", "This is a directory"],
  EEXIST: ["path_exists", "Something is there already"],
  ENOTEMPTY: ["directory_not_empty", "The directory is not empty"],
  EACCES: ["permission_denied", "The operating system does not allow it"],
  EPERM: ["permission_denied", "The operating system does not allow it"],
  EROFS: ["permission_denied", "The file system is read-only"],
  ETXTBSY: ["permission_denied", "The program is running"],
  EBUSY: ["permission_denied", "The path is in use as a mount point"],
  ELOOP: ["invalid_path", "Too many symbolic links lead on from here"],
  ENAMETOOLONG: ["invalid_path", "A part of the path, or all of it, is too long"],
  EINVAL: ["invalid_path", "The operating system does not accept this path"],
  EILSEQ: ["invalid_path", "The file system does not accept this name"],
  ENOSPC: ["disk_full", "The disk is full"],
  EDQUOT: ["disk_full", "The disk quota is used up"],
  EFBIG: ["file_too_large", "The file would be larger than this system allows"],
  ENXIO: ["not_a_file", "This is not a regular file"],
  EMFILE: ["unavailable", "Too many files are open"],
  ENFILE: ["unavailable", "Too many files are open"],
};

export const errnoOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

export const fileError = (code: ErrorCode, words: string, path: string): PaddockError =>
  new PaddockError(code, `${words}: ${printableLine(path)}`);

/** What to throw for an error met at `path`: a PaddockError where the caller can act on it, else the error itself. */
export function meaningOf(error: unknown, path: string): unknown {
  const meaning = meanings[errnoOf(error) ?? ""];
  return meaning === undefined ? error : fileError(meaning[0], meaning[1], path);
}
