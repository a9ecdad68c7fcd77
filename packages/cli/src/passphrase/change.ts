/** Tells Paddock the owner's new passphrase, or that there is none any more. */
import { PaddockError } from "@paddock/contract/errors";
import { control } from "../control/request.ts";
import type { Places } from "../home.ts";

/** The runner keeps it, or the hub where no runner is: both go by the same. Throws not_running. */
export async function changePassphrase(
  { runnerControl, hubControl }: Places,
  passphrase: string | null,
): Promise<void> {
  const tell = (socket: string) => control({ socket, method: "POST", path: "/passphrase", body: { passphrase } });
  try {
    await tell(runnerControl);
  } catch (error) {
    if (!(error instanceof PaddockError) || error.code !== "not_running") throw error;
    await tell(hubControl);
  }
}
