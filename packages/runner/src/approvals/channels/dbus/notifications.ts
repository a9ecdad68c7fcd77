/**
 * Notes on the owner's desktop, over their session bus (org.freedesktop.Notifications). There is a connection only while a
 * note with buttons is open, so that a runner that asks nothing holds none.
 */
import { sessionBus } from "./address.ts";
import { type Note, type NoteEvents, Session } from "./session.ts";

interface Unavailable {
  unavailable: string;
}

export interface ShownNote {
  /** Takes it away. */
  close(): Promise<void>;
}

export interface DesktopNotifications {
  /** Shows a note, or says why nobody sees it. What becomes of its buttons is told to `events`. */
  show(note: Note, events?: NoteEvents): Promise<ShownNote | Unavailable>;
  /** Whether a note with buttons could be shown. */
  check(): Promise<"available" | Unavailable>;
}

/** `timeoutMs` is for one answer of the bus. */
export function openDesktopNotifications(
  environment: Readonly<Record<string, string | undefined>>,
  timeoutMs: number,
): DesktopNotifications {
  return new Notifications(environment, timeoutMs);
}

const noButtons: Unavailable = { unavailable: "the notification service of this desktop shows no buttons" };

class Notifications implements DesktopNotifications {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #timeoutMs: number;
  #session: Promise<Session> | null = null;
  #using = 0;

  constructor(environment: Readonly<Record<string, string | undefined>>, timeoutMs: number) {
    this.#environment = environment;
    this.#timeoutMs = timeoutMs;
  }

  show(note: Note, events?: NoteEvents): Promise<ShownNote | Unavailable> {
    return this.#use(async (session) => {
      if (note.buttons.length > 0 && !session.showsButtons) return noButtons;
      const id = await session.notify(note, events ?? null);
      const close = async () => {
        await session.take(id);
        this.#rest(session);
      };
      return { close };
    });
  }

  check(): Promise<"available" | Unavailable> {
    return this.#use(async (session) => (session.showsButtons ? "available" : noButtons));
  }

  /** Over the connection there is, or a new one; it ends when nobody uses it and no note waits for its button. */
  async #use<T>(work: (session: Session) => Promise<T>): Promise<T | Unavailable> {
    const path = sessionBus(this.#environment);
    if (typeof path !== "string") return path;
    this.#using += 1;
    let session: Session | null = null;
    try {
      session = await this.#connected(path);
      return await work(session);
    } catch (error) {
      return { unavailable: `no notification service answers (${(error as Error).message})` };
    } finally {
      this.#using -= 1;
      if (session) this.#rest(session);
    }
  }

  /** One at a time. */
  #connected(path: string): Promise<Session> {
    const before = this.#session?.catch(() => null) ?? Promise.resolve(null);
    const connect = () => Session.connect(path, this.#timeoutMs);
    this.#session = before.then((session) => (session && !session.over ? session : connect()));
    return this.#session;
  }

  #rest(session: Session): void {
    if (this.#using === 0 && session.idle) session.close();
  }
}
