/** One connection to the desktop's notification service, with the notes that are shown over it. */
import { randomBytes } from "node:crypto";
import { type Bus, connectBus } from "./connection.ts";
import type { Message } from "./read.ts";

export interface Note {
  title: string;
  /** Plain text, as it is to be read. */
  text: string;
  critical: boolean;
  /** When it goes away by itself; as the service likes when null. */
  expiresInMs: number | null;
  buttons: readonly { key: string; label: string }[];
}

/** What becomes of a note with buttons; at most one of these is called, and must not throw. */
export interface NoteEvents {
  /** A button was pressed. */
  pressed(key: string): void;
  /** The person closed it without a button. */
  dismissed(): void;
  /** The service has gone, and the note with it. */
  lost(): void;
}

interface Open {
  events: NoteEvents;
  /** Stands in each button's key, so that a button of another note with the same number presses nothing. */
  nonce: string;
}

const service = "org.freedesktop.Notifications";
const target = { destination: service, path: "/org/freedesktop/Notifications", interface: service } as const;
const signals = `type='signal',sender='${service}',interface='${service}'`;
const ownerChanges = `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${service}'`;

const urgency = { critical: 2, normal: 1 } as const;
const byPerson = 2;
const asUsual = -1;
const longestMs = 2 ** 31 - 1;

export class Session {
  readonly #bus: Bus;
  readonly #open = new Map<number, Open>();
  /** Unique name of the service: what anybody else says on the bus is not from it. */
  #service = "";
  #abilities: ReadonlySet<string> = new Set();

  private constructor(bus: Bus) {
    this.#bus = bus;
    bus.over.addEventListener("abort", () => this.#lose(), { once: true });
  }

  /** Rejects when there is no bus, or no such service on it. */
  static async connect(path: string, timeoutMs: number): Promise<Session> {
    let session: Session | null = null;
    const hear = (signal: Message) => {
      if (session) session.#hear(signal);
    };
    const bus = await connectBus(path, hear, timeoutMs);
    session = new Session(bus);
    try {
      await bus.subscribe(signals);
      await bus.subscribe(ownerChanges);
      const reply = await bus.call({ ...target, member: "GetCapabilities" });
      session.#service = reply.sender;
      session.#abilities = new Set(reply.arguments("as")?.[0]);
      return session;
    } catch (error) {
      bus.close();
      throw error;
    }
  }

  get over(): boolean {
    return this.#bus.over.aborted;
  }

  /** Whether nothing shown over it can still be answered. */
  get idle(): boolean {
    return this.#open.size === 0;
  }

  get showsButtons(): boolean {
    return this.#abilities.has("actions");
  }

  /** The note's id. */
  async notify({ title, text, critical, expiresInMs, buttons }: Note, events: NoteEvents | null): Promise<number> {
    const nonce = randomBytes(9).toString("base64url");
    const waits = buttons.length > 0;
    const reply = await this.#bus.call({
      ...target,
      member: "Notify",
      body: [
        ["s", "Paddock"],
        ["u", 0],
        ["s", ""],
        ["s", title],
        ["s", plain(text, this.#abilities.has("body-markup"))],
        ["as", buttons.flatMap(({ key, label }) => [`${nonce} ${key}`, label])],
        ["a{sv}", { urgency: ["y", urgency[critical ? "critical" : "normal"]], resident: ["b", waits] }],
        ["i", expiresInMs === null ? asUsual : Math.max(1, Math.min(expiresInMs, longestMs))],
      ],
    });
    const id = reply.arguments("u")?.[0];
    if (id === undefined) throw new Error("The notification service answers with nonsense.");
    if (events) this.#open.set(id, { events, nonce });
    return id;
  }

  /** Takes a note away; one that is gone already is no fault. */
  async take(id: number): Promise<void> {
    this.#open.delete(id);
    await this.#bus.call({ ...target, member: "CloseNotification", body: [["u", id]] }).catch(() => undefined);
  }

  close(): void {
    this.#bus.close();
  }

  #hear(signal: Message): void {
    if (signal.sender === "org.freedesktop.DBus") this.#changed(signal);
    if (signal.sender !== this.#service || signal.interface !== service) return;
    if (signal.member === "ActionInvoked") this.#pressed(signal.arguments("u", "s"));
    if (signal.member === "NotificationClosed") this.#closed(signal.arguments("u", "u"));
  }

  /** The service has ended, or another has taken its place: nothing that it showed is there any more. */
  #changed(signal: Message): void {
    const [name, before] = signal.arguments("s", "s", "s") ?? [];
    if (name === service && before === this.#service) this.close();
  }

  #pressed(said: [number, string] | null): void {
    const open = said && this.#open.get(said[0]);
    if (!open || !said[1].startsWith(`${open.nonce} `)) return;
    this.#open.delete(said[0]);
    open.events.pressed(said[1].slice(open.nonce.length + 1));
  }

  /** Closed by something else than the person, it is only not shown here any more: the question still waits elsewhere. */
  #closed(said: [number, number] | null): void {
    const open = said && this.#open.get(said[0]);
    if (!open) return;
    this.#open.delete(said[0]);
    if (said[1] === byPerson) open.events.dismissed();
  }

  #lose(): void {
    const lost = [...this.#open.values()];
    this.#open.clear();
    for (const { events } of lost) events.lost();
  }
}

/**
 * No markup of an agent is read as such. A service that says it reads some takes entities; one that says it reads none may
 * do so all the same, and finds only something that is no tag, for a joiner of no width stands in it.
 */
const plain = (text: string, readsMarkup: boolean): string =>
  readsMarkup
    ? text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
    : text.replaceAll("<", "<\u2060");
