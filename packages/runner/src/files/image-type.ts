/** Images that a model can look at, told by their first bytes and not by their name. */

const starts: readonly (readonly [mimeType: string, start: Buffer])[] = [
  ["image/png", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])],
  ["image/jpeg", Buffer.from([0xff, 0xd8, 0xff])],
  ["image/gif", Buffer.from("GIF87a")],
  ["image/gif", Buffer.from("GIF89a")],
];

export function imageType(bytes: Buffer): string | null {
  const found = starts.find(([, start]) => bytes.subarray(0, start.length).equals(start));
  if (found !== undefined) return found[0];
  const isWebp =
    bytes.length > 12 && bytes.toString("latin1", 0, 4) === "RIFF" && bytes.toString("latin1", 8, 12) === "WEBP";
  return isWebp ? "image/webp" : null;
}
