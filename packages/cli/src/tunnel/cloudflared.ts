/** Cloudflare's tunnel: a named one, whose token its owner made in Cloudflare's dashboard, or a quick one with a new address each time. */
import { environmentFor, type TunnelPlan } from "./plan.ts";

export interface CloudflaredWish {
  program: string;
  /** The hub, as the program reaches it. */
  target: string;
  /** Of a named tunnel. */
  token: string | undefined;
  publicUrl: string | undefined;
  environment: NodeJS.ProcessEnv;
}

const quickAddress = /https:\/\/[a-z0-9-]+\.trycloudflare\.com(?![\w.-])/;
const metricsAddress = /Starting metrics server on ((?:127\.0\.0\.1|\[::1\]):\d+)\//;

export function cloudflaredPlan({ program, target, token, publicUrl, environment }: CloudflaredWish): TunnelPlan {
  const common = ["tunnel", "--no-autoupdate", "--metrics", "127.0.0.1:0"];
  const named = token !== undefined;
  return {
    kind: "cloudflared",
    command: named ? [program, ...common, "run"] : [program, ...common, "--url", target],
    environment: environmentFor(environment, named ? { TUNNEL_TOKEN: token } : {}),
    address: named ? (publicUrl ?? null) : null,
    toHub: true,
    read(line) {
      const address = named ? undefined : quickAddress.exec(line)?.[0];
      if (address !== undefined) return { address };
      const metrics = metricsAddress.exec(line)?.[1];
      return metrics === undefined ? null : { health: `http://${metrics}/ready` };
    },
  };
}
