/** docs/generated/openapi.json: the REST surface with every tool that an agent may have, at its default address. */
import { readFileSync } from "node:fs";
import { configSchema, type Tool } from "@paddock/contract";
import { tools } from "@paddock/contract/tools";
import { openapiDocument } from "../../packages/hub/src/surfaces/rest/openapi.ts";

const all: readonly Tool[] = Object.values(tools);

export function openapiPage(): string {
  const { host, port } = configSchema.parse({});
  const document = openapiDocument({
    tools: all.filter((tool) => tool.audience.includes("agent")),
    version: packageVersion(),
    url: `http://${host}:${port}`,
  });
  return `${JSON.stringify(document, null, 2)}\n`;
}

function packageVersion(): string {
  const file = new URL("../../package.json", import.meta.url);
  const { version }: { version: string } = JSON.parse(readFileSync(file, "utf8"));
  return version;
}
