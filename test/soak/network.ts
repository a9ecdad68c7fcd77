/**
 * A network of namespaces: this one with a bridge, and machines on it that have addresses of their own and can be cut off.
 * Wants to be root of its own user, network and mount namespace (`unshare -Urnm`); everything goes with that.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const subnet = "10.77.0";
/** Where what serves the machines listens, one address each. */
export const serverAddress = (number: number): string => `${subnet}.${number}`;

export interface Host {
  name: string;
  address: string;
  /** Words before a command that runs on it, knowing `names` as a hosts file would tell them. */
  within(names: Readonly<Record<string, string>>): readonly string[];
  /** From now on nothing passes between it and the rest; nobody is told. */
  cut(): void;
  mend(): void;
}

const run = (program: string, ...args: string[]): void => void execFileSync(program, args, { stdio: "inherit" });

/** `servers`: how many addresses on this side. */
export function makeNetwork(servers: number): void {
  // Where `ip netns` and iptables keep what they know.
  run("mount", "-t", "tmpfs", "none", "/run");
  run("ip", "link", "set", "lo", "up");
  run("ip", "link", "add", "br0", "type", "bridge");
  run("ip", "link", "set", "br0", "up");
  for (let number = 1; number <= servers; number += 1) {
    run("ip", "address", "add", `${serverAddress(number)}/24`, "dev", "br0");
  }
}

export function makeHost(folder: string, number: number): Host {
  const [name, address] = [`host${number}`, `${subnet}.${100 + number}`];
  run("ip", "netns", "add", name);
  run("ip", "link", "add", `to-${name}`, "type", "veth", "peer", "name", "eth0", "netns", name);
  run("ip", "link", "set", `to-${name}`, "master", "br0", "up");
  run("ip", "-n", name, "address", "add", `${address}/24`, "dev", "eth0");
  for (const device of ["lo", "eth0"]) run("ip", "-n", name, "link", "set", device, "up");
  const rules = (what: "--append" | "--delete"): void => {
    run("iptables", what, "INPUT", "--source", address, "--jump", "DROP");
    run("iptables", what, "OUTPUT", "--destination", address, "--jump", "DROP");
  };
  return {
    name,
    address,
    within(names) {
      const hosts = writeHosts(join(folder, `hosts-${name}`), names);
      return ["ip", "netns", "exec", name, "sh", "-c", `mount --bind ${hosts} /etc/hosts && exec "$@"`, "sh"];
    },
    cut: () => rules("--append"),
    mend: () => rules("--delete"),
  };
}

/** The same names on this side. */
export const knowNames = (folder: string, names: Readonly<Record<string, string>>): void =>
  run("mount", "--bind", writeHosts(join(folder, "hosts"), names), "/etc/hosts");

function writeHosts(file: string, names: Readonly<Record<string, string>>): string {
  const lines = Object.entries(names).map(([name, address]) => `${address} ${name}\n`);
  writeFileSync(file, readFileSync("/etc/hosts", "utf8") + lines.join(""));
  return file;
}
