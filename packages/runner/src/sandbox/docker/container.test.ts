import assert from "node:assert/strict";
import { test } from "node:test";
import { testLimits } from "../cages.fixture.ts";
import { systemCallProfile } from "../system-calls.ts";
import { containerOf } from "./container.ts";
import { frameReader } from "./streams.ts";

const container = containerOf({
  argv: ["git", "status"],
  cwd: "/w",
  environment: { A: "1" },
  image: "sha256:abc",
  labels: { "paddock.installation": "here" },
  ids: { uid: 1000, gid: 1001 },
  limits: testLimits,
  privateHome: "/state/home",
  made: [{ path: "/state/passwd", at: "/etc/passwd" }],
  unreadable: "/state/unreadable",
  opened: ["/state/open"],
  steps: [
    { type: "place", path: "/w", at: "/w", write: true },
    { type: "place", path: "/w/.git/config", at: "/w/.git/config", write: false },
    { type: "cover", at: "/w/.env", what: "file" },
    { type: "cover", at: "/w/keys", what: "directory" },
    { type: "place", path: "/elsewhere", at: "/w/keys", write: false },
  ],
});

const bind = (Source: string, Target: string, ReadOnly: boolean) => ({
  ...{ Type: "bind", Source, Target, ReadOnly },
  BindOptions: { Propagation: "rprivate", NonRecursive: ReadOnly },
});

test("a container is told exactly this", () => {
  const mebibytes = (count: number) => count * 1024 * 1024;
  const inMemory = `rw,exec,nosuid,nodev,size=${mebibytes(8)},mode=1777`;
  const begin = 'IFS= read -r _ || exit; exec 3</run/paddock-open/0; exec "$@"';
  assert.deepEqual(container, {
    ...{ Image: "sha256:abc", Entrypoint: ["/bin/sh", "-c", begin, "sh", "git", "status"], Cmd: [], Env: ["A=1"] },
    ...{ Labels: { "paddock.installation": "here" }, User: "1000:1001", WorkingDir: "/w", Hostname: "paddock" },
    ...{ Healthcheck: { Test: ["NONE"] }, NetworkDisabled: true },
    ...{ AttachStdin: true, AttachStdout: true, AttachStderr: true, OpenStdin: true, StdinOnce: true, Tty: false },
    HostConfig: {
      ...{ NetworkMode: "none", IpcMode: "private", CapDrop: ["ALL"], Privileged: false },
      SecurityOpt: ["no-new-privileges", `seccomp=${systemCallProfile()}`],
      ...{ ReadonlyRootfs: true, AutoRemove: true, Init: true, LogConfig: { Type: "none" } },
      ...{ Memory: mebibytes(512), MemorySwap: mebibytes(512), PidsLimit: 64, CpuPeriod: 100_000, CpuQuota: 800_000 },
      ShmSize: mebibytes(8),
      Ulimits: [
        { Name: "nofile", Soft: 256, Hard: 256 },
        { Name: "fsize", Soft: mebibytes(16), Hard: mebibytes(16) },
        { Name: "core", Soft: 0, Hard: 0 },
      ],
      Tmpfs: {
        ...{ "/tmp": inMemory, "/var/tmp": inMemory },
        "/run": `rw,nosuid,nodev,size=${mebibytes(1)},mode=755`,
      },
      Mounts: [
        bind("/state/home", "/run/home", false),
        bind("/state/passwd", "/etc/passwd", true),
        bind("/state/open", "/run/paddock-open/0", true),
        bind("/w", "/w", false),
        bind("/w/.git/config", "/w/.git/config", true),
        bind("/state/unreadable", "/w/.env", true),
        bind("/elsewhere", "/w/keys", true),
      ],
    },
  });
});

test("the profile refuses calls, namespaces, families of sockets and typing into terminals, and allows the rest", () => {
  const { defaultAction, syscalls } = JSON.parse(systemCallProfile());
  const rows = syscalls as { names: string[]; action: string; errnoRet: number; args: Record<string, unknown>[] }[];
  const refuses = (name: string) => rows.filter(({ names }) => names.includes(name));
  assert.equal(defaultAction, "SCMP_ACT_ALLOW");
  assert.deepEqual([...new Set(rows.map(({ action }) => action))], ["SCMP_ACT_ERRNO"]);
  for (const name of ["keyctl", "bpf", "userfaultfd", "io_uring_setup", "clone3", "mount", "setns"])
    assert.deepEqual(
      refuses(name).map(({ args }) => args),
      [[]],
      name,
    );
  const namespaces = refuses("unshare").map(({ args }) => args[0]?.value);
  assert.deepEqual(namespaces.includes(0x10000000) && namespaces.length, 7);
  const families = refuses("socket").map(({ args }) => args[0]?.value);
  assert.deepEqual(
    [1, 2, 10, 16, 17, 38, 40].map((family) => families.includes(family)),
    [false, false, false, false, true, true, true],
  );
  assert.deepEqual(
    refuses("ioctl").map(({ args }) => args[0]?.value),
    [0x5412, 0x541c],
  );
});

test("frames are read whatever the chunks are cut into", () => {
  const frame = (stream: number, text: string) => {
    const header = Buffer.alloc(8);
    header.writeUInt8(stream, 0);
    header.writeUInt32BE(text.length, 4);
    return Buffer.concat([header, Buffer.from(text)]);
  };
  const all = Buffer.concat([frame(1, "out"), frame(2, "error"), frame(1, ""), frame(1, "more")]);
  for (let size = 1; size <= all.length; size += 1) {
    const heard = { 1: "", 2: "" };
    const read = frameReader((stream, piece) => {
      heard[stream as 1 | 2] += piece.toString();
    });
    for (let at = 0; at < all.length; at += size) read(all.subarray(at, at + size));
    assert.deepEqual(heard, { 1: "outmore", 2: "error" });
  }
});
