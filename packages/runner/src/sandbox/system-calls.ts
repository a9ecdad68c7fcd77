/**
 * System calls that no cage may make: one table, as a filter that bubblewrap gives to the kernel and as the profile that
 * Docker takes. Namespaces do not divide what these reach (keyrings, the kernel's log, sockets to a machine's own host), or
 * they have been ways into the kernel that ordinary programs do not need. Everything else is left to the cage.
 */

interface Architecture {
  /** The kernel's number for it (AUDIT_ARCH_*). */
  id: number;
  /** Which number of the tables is its own. */
  column: 0 | 1 | 2 | 3;
  /** The old call for all that has to do with sockets, whose arguments a filter cannot see. */
  socketCall?: number;
  /** The first number of a second table of the same calls. */
  secondTable?: number;
}

const machines: Readonly<Record<string, readonly Architecture[]>> = {
  x64: [
    { id: 0xc000003e, column: 0, secondTable: 0x40000000 },
    { id: 0x40000003, column: 1, socketCall: 102 },
  ],
  arm64: [
    { id: 0xc00000b7, column: 2 },
    { id: 0x40000028, column: 3 },
  ],
};

const [notPermitted, noSuchCall, noSuchFamily] = [1, 38, 97];
type Numbers = readonly [x64: number, i386: number, arm64: number, arm: number];

const refused: Readonly<Record<string, { numbers: Numbers; errno: number }>> = {
  add_key: { numbers: [248, 286, 217, 309], errno: notPermitted },
  request_key: { numbers: [249, 287, 218, 310], errno: notPermitted },
  keyctl: { numbers: [250, 288, 219, 311], errno: notPermitted },
  syslog: { numbers: [103, 103, 116, 103], errno: notPermitted },
  bpf: { numbers: [321, 357, 280, 386], errno: notPermitted },
  perf_event_open: { numbers: [298, 336, 241, 364], errno: notPermitted },
  userfaultfd: { numbers: [323, 374, 282, 388], errno: notPermitted },
  open_by_handle_at: { numbers: [304, 342, 265, 371], errno: notPermitted },
  io_uring_setup: { numbers: [425, 425, 425, 425], errno: noSuchCall },
  io_uring_enter: { numbers: [426, 426, 426, 426], errno: noSuchCall },
  io_uring_register: { numbers: [427, 427, 427, 427], errno: noSuchCall },
};

/** Calls of which the first argument must be one of these. */
const families = [1, 2, 10, 16]; // unix, IPv4, IPv6, netlink
const makingSockets: Readonly<Record<string, Numbers>> = {
  socket: [41, 359, 198, 281],
  socketpair: [53, 360, 199, 288],
};
/** Would type into the terminal of somebody else, or into the console. */
const terminalRequests = [0x5412, 0x541c];
const ioctl: Numbers = [16, 54, 29, 54];

/** The filter for a machine (`process.arch`), or null where its calls are not known here. */
export function systemCallFilter(machine: string): Buffer | null {
  const architectures = machines[machine];
  if (!architectures) return null;
  return Buffer.concat([load(atArchitecture), ...architectures.flatMap(blockFor), refuse(noSuchCall)]);
}

/** Skipped as a whole by calls of another architecture. */
function blockFor({ id, column, socketCall, secondTable }: Architecture): Buffer[] {
  const block = [
    load(atNumber),
    ...(secondTable === undefined ? [] : [unlessAtLeast(secondTable, 1), refuse(noSuchCall)]),
    ...(socketCall === undefined ? [] : [unlessEqual(socketCall, 1), refuse(noSuchCall)]),
    ...Object.values(refused).flatMap(({ numbers, errno }) => [unlessEqual(numbers[column], 1), refuse(errno)]),
    ...Object.values(makingSockets).flatMap((numbers) => [
      unlessEqual(numbers[column], 2 * families.length + 2),
      load(atFirstArgument),
      ...families.flatMap((family) => [unlessEqual(family, 1), allow]),
      refuse(noSuchFamily),
    ]),
    unlessEqual(ioctl[column], 2 * terminalRequests.length + 1),
    load(atSecondArgument),
    ...terminalRequests.flatMap((request) => [unlessEqual(request, 1), refuse(notPermitted)]),
    allow,
  ];
  return [unlessEqual(id, block.length), ...block];
}

/** Offsets in what the kernel shows of a call. */
const [atNumber, atArchitecture, atFirstArgument, atSecondArgument] = [0, 4, 16, 24];

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

/** Every flag that makes a namespace; Docker has no other way to keep programs inside from that. */
const newNamespaces = [0x10000000, 0x00020000, 0x20000000, 0x40000000, 0x04000000, 0x08000000, 0x02000000];

/** The same as the profile of a Docker container, in which making namespaces and mounts is refused too. */
export function systemCallProfile(): string {
  const others = Array.from({ length: 64 }, (_, family) => family).filter((family) => !families.includes(family));
  return JSON.stringify({
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [
      ...Object.entries(refused).map(([name, { errno }]) => refusing([name], errno)),
      refusing(["clone3", "socketcall"], noSuchCall),
      refusing(["setns", "mount", "umount2", "pivot_root", "fsopen", "open_tree", "move_mount"], notPermitted),
      ...newNamespaces.map((flag) => refusing(["clone", "unshare"], notPermitted, { index: 0, flag })),
      ...others.map((family) => refusing(Object.keys(makingSockets), noSuchFamily, { index: 0, equal: family })),
      ...terminalRequests.map((request) => refusing(["ioctl"], notPermitted, { index: 1, equal: request })),
    ],
  });
}

function refusing(names: string[], errnoRet: number, when?: { index: number; equal?: number; flag?: number }): object {
  const { index = 0, equal = 0, flag } = when ?? {};
  const test = flag === undefined ? { value: equal, op: "SCMP_CMP_EQ" } : maskedTest(flag);
  return { names, action: "SCMP_ACT_ERRNO", errnoRet, args: when ? [{ index, ...test }] : [] };
}

const maskedTest = (flag: number) => ({ value: flag, valueTwo: flag, op: "SCMP_CMP_MASKED_EQ" });
