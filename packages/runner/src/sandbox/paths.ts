/** Questions about absolute, normalised paths. */

/** True when `path` is `folder` or lies below it. */
export function isBeneath(folder: string, path: string): boolean {
  return folder === "/" || path === folder || path.startsWith(`${folder}/`);
}
