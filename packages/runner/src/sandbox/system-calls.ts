/**
 * System calls that no cage may make, as a filter that bubblewrap gives to the kernel. Namespaces do not divide what these
 * reach: the keyrings of the owner's account, and sockets to the host of a virtual machine. io_uring would make such
 * sockets past the filter. Everything else is left to the cage.
 */

interface Architecture {
  /** The kernel's number for it (AUDIT_ARCH_*). */
  id: number;
  socket: number;
  /** add_key, request_key, keyctl. */
  keys: readonly number[];
  /** The old call for all that has to do with sockets, whose arguments a filter cannot see. */
  socketCall?: number;
  /** The first number of a second table of the same calls. */
  secondTable?: number;
}

const machines: Readonly<Record<string, readonly Architecture[]>> = {
  x64: [
    { id: 0xc000003e, socket: 41, keys: [248, 249, 250], secondTable: 0x40000000 },
    { id: 0x40000003, socket: 359, keys: [286, 287, 288], socketCall: 102 },
  ],
  arm64: [
    { id: 0xc00000b7, socket: 198, keys: [217, 218, 219] },
    { id: 0x40000028, socket: 281, keys: [309, 310, 311] },
  ],
};

const uringSetup = 425;
const vsock = 40;
const [notPermitted, noSuchCall, noSuchFamily] = [1, 38, 97];

/** The filter for a machine (`process.arch`), or null where its calls are not known here. */
export function systemCallFilter(machine: string): Buffer | null {
  const architectures = machines[machine];
  if (!architectures) return null;
  return Buffer.concat([load(atArchitecture), ...architectures.flatMap(blockFor), refuse(noSuchCall)]);
}

/** Skipped as a whole by calls of another architecture. */
function blockFor({ id, socket, keys, socketCall, secondTable }: Architecture): Buffer[] {
  const block = [
    load(atNumber),
    ...(secondTable === undefined ? [] : [unlessAtLeast(secondTable, 1), refuse(noSuchCall)]),
    ...keys.flatMap((number) => [unlessEqual(number, 1), refuse(notPermitted)]),
    ...[uringSetup, ...(socketCall === undefined ? [] : [socketCall])].flatMap((number) => [
      unlessEqual(number, 1),
      refuse(noSuchCall),
    ]),
    ...[unlessEqual(socket, 3), load(atFirstArgument), unlessEqual(vsock, 1), refuse(noSuchFamily)],
    allow,
  ];
  return [unlessEqual(id, block.length), ...block];
}

/** Offsets in what the kernel shows of a call. */
const [atNumber, atArchitecture, atFirstArgument] = [0, 4, 16];

function instruction(code: number, ifFalse: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(code, 0);
  bytes.writeUInt8(ifFalse, 3);
  bytes.writeUInt32LE(value >>> 0, 4);
  return bytes;
}

const load = (offset: number): Buffer => instruction(0x20, 0, offset);
/** Skips so many instructions. */
const unlessEqual = (value: number, skip: number): Buffer => instruction(0x15, skip, value);
const unlessAtLeast = (value: number, skip: number): Buffer => instruction(0x35, skip, value);
const allow = instruction(0x06, 0, 0x7fff0000);
const refuse = (errno: number): Buffer => instruction(0x06, 0, 0x00050000 | errno);
