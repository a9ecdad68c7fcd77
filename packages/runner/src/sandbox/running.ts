/** The cages that run, and what of the host each of them shows and hides: for what becomes visible in them by a change. */
import type { Caged, CageSpec, Contained } from "./cage.ts";
import { identityOf } from "./hidden/identity.ts";
import { isBeneath } from "./paths.ts";

interface Running {
  folders: readonly string[];
  /** Null while it starts. */
  contained: Contained | null;
  /** Why it was or has to be stopped. */
  why: string | null;
}

export class RunningCages {
  readonly #running = new Set<Running>();

  /** Starts a cage that shows these folders and covers what is hidden in them, and remembers it until it has ended. */
  async start(folders: readonly string[], begin: () => Promise<Begun>): Promise<Caged> {
    const running: Running = { folders, contained: null, why: null };
    this.#running.add(running);
    try {
      const { contained, covered } = await begin();
      running.contained = contained;
      void contained.exited.then(() => this.#running.delete(running));
      if (running.why !== null) contained.destroy();
      return withReason(contained, running, covered);
    } catch (error) {
      this.#running.delete(running);
      throw error;
    }
  }

  /** Stops those that show this path. */
  stopThoseThatShow(path: string): void {
    for (const running of this.#running)
      if (running.folders.some((folder) => isBeneath(folder, path))) stop(running, path);
  }
}

export interface Begun {
  contained: Contained;
  /** Where something hidden is or may come to be in what it shows, and what stood there at its start. */
  covered: readonly { path: string; identity: string | null }[];
}

/** Looks for itself whether something was exchanged, so that no answer is quicker than the watch. */
function withReason(contained: Contained, running: Running, covered: Begun["covered"]): Caged {
  return {
    ...contained,
    get stopped() {
      const exchanged = covered.find(({ path, identity }) => {
        const now = identityOf(path);
        return now !== null && now !== identity;
      });
      if (exchanged) stop(running, exchanged.path);
      return running.why;
    },
  };
}

function stop(running: Running, path: string): void {
  running.why ??= `${path} was exchanged on the machine, so what could have seen it was stopped.`;
  running.contained?.destroy();
}

/** Folders of the host that a cage shows, besides the system and the toolchains. */
export const foldersShown = ({ profile, roots, mounts = [] }: CageSpec): string[] => [
  ...(profile === "open" ? ["/"] : []),
  ...roots.map(({ path }) => path),
  ...mounts.map(({ path }) => path),
];
