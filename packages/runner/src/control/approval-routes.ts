/** Questions, grants and devices, as routes of the control socket. An answer that comes here is given on the machine. */
import type { AuditLog } from "@paddock/audit";
import { approvalAnswer, deviceSignature, publicKeyText } from "@paddock/contract";
import * as z from "zod";
import type { Devices } from "../approvals/devices.ts";
import type { Grants } from "../approvals/grants.ts";
import type { Questions } from "../approvals/questions.ts";
import { parse, type Route } from "./server.ts";

export interface ApprovalParts {
  questions: Questions;
  grants: Grants;
  devices: Devices;
  audit: AuditLog;
}

const answerBody = z.strictObject({ answer: approvalAnswer, signature: deviceSignature.optional() });
const deviceBody = z.strictObject({ name: z.string().trim().min(1).max(64), publicKey: publicKeyText });

export function approvalRoutes(parts: ApprovalParts): Route[] {
  const { questions } = parts;
  return [
    { method: "GET", path: /^\/approvals$/, answer: () => ({ questions: questions.list() }) },
    {
      method: "POST",
      path: /^\/approvals\/([^/]+)$/,
      free: ({ body }) => answerBody.safeParse(body).data?.answer.type === "deny",
      answer({ parts: [id = ""], body }) {
        const { answer, signature } = parse(answerBody, body);
        const given = { id, answer, channel: "cli", by: "owner", assurance: "local" } as const;
        return questions.answer({ ...given, ...(signature ? { signature } : {}) });
      },
    },
    ...grantRoutes(parts),
    ...deviceRoutes(parts),
  ];
}

const grantRoutes = ({ grants, audit }: ApprovalParts): Route[] => [
  { method: "GET", path: /^\/grants$/, answer: () => ({ grants: grants.list() }) },
  {
    method: "DELETE",
    path: /^\/grants\/([^/]+)$/,
    free: () => true,
    answer({ parts: [id = ""] }) {
      const grant = grants.revoke(id);
      audit.writeDurably({ event: "grant.revoked", principal: grant.principal, detail: { ...grant } });
      return grant;
    },
  },
];

const deviceRoutes = ({ devices, audit }: ApprovalParts): Route[] => [
  { method: "GET", path: /^\/devices$/, answer: () => ({ devices: devices.list() }) },
  {
    method: "POST",
    path: /^\/devices$/,
    answer({ body }) {
      const { name, publicKey } = parse(deviceBody, body);
      return devices.enrol(name, publicKey, (device) =>
        audit.writeDurably({ event: "device.enrolled", detail: { ...device } }),
      );
    },
  },
  {
    method: "DELETE",
    path: /^\/devices\/([^/]+)$/,
    free: () => true,
    answer({ parts: [id = ""] }) {
      const device = devices.remove(id);
      audit.writeDurably({ event: "device.removed", detail: { ...device } });
      return device;
    },
  },
];
