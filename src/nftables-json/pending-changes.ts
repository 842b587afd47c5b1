import type { TableEvent } from './nf-tables-events.ts';
import type { ForeignChange } from './nftables.ts';

/** Collects the changes of one transaction until its end says who made it. */
export class PendingChanges {
  #first: string | null = null;
  #others = 0;

  /** The change that this event completes, or null. */
  take(event: TableEvent): ForeignChange | null {
    if (event.kind === 'change') {
      // That the table came or went says more than what it took along.
      if (this.#first === null || event.what.startsWith('table ')) {
        if (this.#first !== null) this.#others++;
        this.#first = event.what;
      } else {
        this.#others++;
      }
      return null;
    }
    if (this.#first === null) return null;
    const more = this.#others === 0 ? '' : ` and ${this.#others} more`;
    const change = { what: `${this.#first}${more}`, process: event.process };
    this.clear();
    return change;
  }

  /** Forgets a transaction whose end will not be told. */
  clear(): void {
    this.#first = null;
    this.#others = 0;
  }
}
