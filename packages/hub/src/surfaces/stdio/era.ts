/** The rules of the modern era that hold without HTTP: each request says its revision and what the client can do. */
import { errorAnswer, errorCodes, isObject, metaKeys, modernVersion, type Request } from "../mcp/message.ts";

export function speaksModern({ params }: Request): boolean {
  const meta = params?._meta;
  return meta !== undefined && (metaKeys.version in meta || metaKeys.capabilities in meta);
}

/** The refusal of a modern request that breaks them, or null. */
export function modernRefusal({ id, params }: Request): Buffer | null {
  const { [metaKeys.version]: version, [metaKeys.capabilities]: capabilities } = params?._meta ?? {};
  if (typeof version !== "string") return invalid(id, metaKeys.version);
  if (version !== modernVersion) {
    const data = { supported: [modernVersion], requested: version };
    return errorAnswer(id, errorCodes.unsupportedVersion, `Unsupported protocol version: ${version}`, { data });
  }
  return isObject(capabilities) ? null : invalid(id, metaKeys.capabilities);
}

const invalid = (id: Request["id"], key: string): Buffer =>
  errorAnswer(id, errorCodes.invalidParams, `Invalid params: _meta must carry ${key}.`);
