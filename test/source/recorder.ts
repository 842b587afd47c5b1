import type { Problem } from '../../src/base/problem.ts';
import type { RawUpdate } from '../../src/base/raw-update.ts';
import type { SourceEvent } from '../../src/source/source.ts';

/** One kind of event. */
export type EventOf<K extends SourceEvent['kind']> = Extract<SourceEvent, { kind: K }>;

/** A listener that remembers everything and lets a test wait for what it needs. */
export class Recorder {
  readonly events: SourceEvent[] = [];
  /** What the events add up to; values as Latin-1 text, one character a byte. */
  readonly state = new Map<string, string>();
  readonly listener = (event: SourceEvent): void => {
    this.events.push(event);
    if (event.kind === 'updates') for (const update of event.updates) this.#apply(update);
    for (const check of [...this.#waiting]) check();
  };
  readonly #waiting = new Set<() => void>();

  #apply({ key, value }: RawUpdate): void {
    if (value === null) this.state.delete(key);
    else this.state.set(key, Buffer.from(value).toString('latin1'));
  }

  of<K extends SourceEvent['kind']>(kind: K): EventOf<K>[] {
    return this.events.filter((event): event is EventOf<K> => event.kind === kind);
  }

  /** All updates of all events, in order, from the event at index `from` on. */
  updates(from = 0): RawUpdate[] {
    return this.events
      .slice(from)
      .flatMap((event) => (event.kind === 'updates' ? event.updates : []));
  }

  get problems(): readonly Problem[] {
    return this.of('problems').at(-1)?.problems ?? [];
  }

  /** Resolves as soon as the condition holds; rejects after `withinMs`, naming it and the last events. */
  async until(what: string, holds: () => boolean, withinMs = 4_000): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        reject(new Error(`waited ${withinMs} ms for: ${what}; got ${this.#summary()}`));
      }, withinMs);
      const check = (): void => {
        if (!holds()) return;
        this.#waiting.delete(check);
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  /** Waits for `count` more events of a kind than there are now, and gives the last of them. */
  async next<K extends SourceEvent['kind']>(kind: K, withinMs?: number): Promise<EventOf<K>> {
    const wanted = this.of(kind).length + 1;
    await this.until(`${kind} event ${wanted}`, () => this.of(kind).length >= wanted, withinMs);
    const event = this.of(kind)[wanted - 1];
    if (event === undefined) throw new Error(`no ${kind} event`);
    return event;
  }

  /** Waits for the first `in-sync`. */
  async inSync(withinMs?: number): Promise<void> {
    await this.until('in-sync', () => this.of('in-sync').length > 0, withinMs);
  }

  /** Waits until the state of a key is this text; null waits for its absence. */
  async has(key: string, text: string | null, withinMs?: number): Promise<void> {
    await this.until(`${key} = ${String(text)}`, () => this.#text(key) === text, withinMs);
  }

  #text(key: string): string | null {
    const bytes = this.state.get(key);
    return bytes === undefined ? null : Buffer.from(bytes, 'latin1').toString('utf8');
  }

  #summary(): string {
    return this.events
      .slice(-8)
      .map((event) => (event.kind === 'lost' ? `lost (${event.error.message})` : event.kind))
      .join(', ');
  }
}
