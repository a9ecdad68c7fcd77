/** The SHA-256 of a plain value, the same whichever order its keys were written in. */
import { hash } from "node:crypto";
import { canonicalJson } from "@paddock/contract";

export const digestOf = (value: object): string => hash("sha256", canonicalJson(value));
