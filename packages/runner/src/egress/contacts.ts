/**
 * Asks the owner about a host that no list names. Everything of a trust domain that wants the same host waits for the same
 * answer, a "no" holds for a while, and nobody is asked more at once than a person can read.
 */
import type { Verdict } from "../approvals/questions.ts";
import { type AskingParts, askOwner, type Judged, judge, mustBeAllowed, refusal } from "./asking.ts";
import type { NetworkList } from "./network-list.ts";
import { shownTarget, type Target } from "./target.ts";
import type { Caller } from "./traffic-log.ts";

export interface ContactParts extends AskingParts {
  list: NetworkList;
}

const maxOpen = 5;
const maxRemembered = 1000;
/** "Once" is one visit: a program opens many connections for what a person sees as one. */
const rememberedMs = {
  allowed: 60_000,
  denied: 600_000,
  expired: 120_000,
  cancelled: 0,
  unavailable: 10_000,
} as const satisfies Record<Verdict, number>;

export interface Contact extends Judged {
  target: Target;
}

export class Contacts {
  readonly #parts: ContactParts;
  readonly #open = new Map<string, { domain: string; answer: Promise<Verdict> }>();
  readonly #remembered = new Map<string, { verdict: Verdict; until: number }>();

  constructor(parts: ContactParts) {
    this.#parts = parts;
  }

  /** What the owner's rules say of this host. Throws denied. */
  judge(caller: Caller, target: Target): Contact {
    const what = shownTarget(target);
    return {
      ...judge(this.#parts, caller, { tool: "network", what, wants: { network: true, hosts: [what] } }),
      target,
    };
  }

  /** Resolves when the host may be reached. Throws what the owner says otherwise, and too_many. */
  async ask(caller: Caller, contact: Contact, signal: AbortSignal): Promise<void> {
    if (this.#parts.grants.covers(contact)) return;
    const verdict = this.#known(caller, contact) ?? (await this.#answerTo(caller, contact, signal));
    mustBeAllowed(verdict, contact.what);
  }

  #known({ domain }: Caller, { what }: Contact): Verdict | null {
    const found = this.#remembered.get(keyOf(domain, what));
    return found && found.until > Date.now() ? found.verdict : null;
  }

  async #answerTo(caller: Caller, contact: Contact, signal: AbortSignal): Promise<Verdict> {
    const key = keyOf(caller.domain, contact.what);
    const known = this.#open.get(key);
    if (known) return known.answer;
    const own = [...this.#open.values()].filter(({ domain }) => domain === caller.domain).length;
    if (own >= maxOpen) throw refusal("too_many", contact.what, `${own} other hosts wait for the owner already`);
    const answer = this.#question(caller, contact, signal);
    this.#open.set(key, { domain: caller.domain, answer });
    try {
      const verdict = await answer;
      this.#remember(key, verdict);
      return verdict;
    } finally {
      this.#open.delete(key);
    }
  }

  #question(caller: Caller, contact: Contact, signal: AbortSignal): Promise<Verdict> {
    const { list, audit } = this.#parts;
    const { target, what } = contact;
    const take = () => {
      const { source } = list.allow(what, false);
      audit.writeDurably({ event: "policy.changed", detail: { network: { host: what, source } } });
    };
    const always = { says: `paddock network allow ${what}`, take };
    return askOwner(this.#parts, caller, contact, { title: "Connect to a host", input: target, always, signal });
  }

  #remember(key: string, verdict: Verdict): void {
    const forMs = rememberedMs[verdict];
    this.#remembered.delete(key);
    if (forMs > 0) this.#remembered.set(key, { verdict, until: Date.now() + forMs });
    const [oldest] = this.#remembered.keys();
    if (this.#remembered.size > maxRemembered && oldest !== undefined) this.#remembered.delete(oldest);
  }
}

const keyOf = (domain: string, what: string): string => `${domain}\n${what}`;
