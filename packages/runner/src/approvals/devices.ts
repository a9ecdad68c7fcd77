/**
 * Devices whose signature the owner takes for their own: public keys that were enrolled on this machine, over the control
 * socket. The private key never leaves the device, so that neither the hub nor whoever carries an answer can make one.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { type DeviceSignature, deviceId, newId, PaddockError, publicKeyText, visibleLine } from "@paddock/contract";
import * as z from "zod";
import { keptFile } from "../kept-file.ts";

const device = z.object({ id: deviceId, name: z.string(), publicKey: publicKeyText, enrolledAt: z.string() });
export type Device = z.infer<typeof device>;

const store = z.object({ version: z.literal(1), devices: z.array(device) });

export interface Devices {
  list(): readonly Device[];
  /** `publicKey` is the raw Ed25519 key in base64url; what `record` throws keeps it out. Throws invalid_input for what is none, or is enrolled already. */
  enrol(name: string, publicKey: string, record: (device: Device) => void): Device;
  /** Its signatures count for nothing from now on. Throws not_found. */
  remove(id: string): Device;
  /** Name and id of the enrolled device that signed the text; null when none did. */
  thatSigned(text: string, signature: DeviceSignature): string | null;
}

const maxDevices = 32;
/** With an id behind it, it still fits where an answer names who gave it. */
const maxName = 80;

/** Throws invalid_config when the file is damaged: a lost list must not look like an empty one. */
export function openDevices(file: string, now: () => Date = () => new Date()): Devices {
  const kept = keptFile(file, store, "Remove the file and enrol the devices again.");
  let devices: readonly Device[] = kept.read()?.devices ?? [];
  const keep = (next: readonly Device[]): void => {
    kept.write({ version: 1, devices: [...next] });
    devices = next;
  };
  return {
    list: () => devices,
    enrol(name, publicKey, record) {
      keyOf(publicKey);
      if (devices.some((one) => one.publicKey === publicKey)) throw invalid("This key is enrolled already.");
      if (devices.length >= maxDevices) throw new PaddockError("too_many", `${maxDevices} devices are enrolled.`);
      const added = {
        id: newId("dev"),
        name: visibleLine(name).slice(0, maxName),
        publicKey,
        enrolledAt: now().toISOString(),
      };
      record(added);
      keep([...devices, added]);
      return added;
    },
    remove(id) {
      const gone = devices.find((one) => one.id === id);
      if (!gone) throw new PaddockError("not_found", "No such device.", "`paddock device list` shows them.");
      keep(devices.filter((one) => one !== gone));
      return gone;
    },
    thatSigned(text, { publicKey, signature }) {
      const signer = devices.find((one) => one.publicKey === publicKey);
      if (!signer) return null;
      const isSigned = verify(null, Buffer.from(text), keyOf(publicKey), Buffer.from(signature, "base64url"));
      return isSigned ? `${signer.name} (${signer.id})` : null;
    },
  };
}

function keyOf(publicKey: string): KeyObject {
  try {
    return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
  } catch {
    throw invalid("This is no public key of Ed25519.");
  }
}

const invalid = (words: string): PaddockError =>
  new PaddockError("invalid_input", words, "Give what `paddock device new` printed on the device.");
