/** The SDK's path, loaded when the first request needs it: it costs 90 ms and 30 MB that most hubs never spend. */
import type { SdkDeps, SdkPath } from "./sdk.ts";

export function lazySdk(deps: SdkDeps): SdkPath {
  let loading: Promise<SdkPath> | undefined;
  const load = () => {
    loading ??= import("./sdk.ts").then(({ sdkPath }) => sdkPath(deps));
    return loading;
  };
  return {
    handle: async (...exchange) => (await load()).handle(...exchange),
    async toolsChanged() {
      (await loading)?.toolsChanged();
    },
    endStreams(principal) {
      void loading?.then((loaded) => loaded.endStreams(principal));
    },
    async close() {
      await (await loading)?.close();
    },
  };
}
