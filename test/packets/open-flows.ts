import type { Probe } from '../support/probe.ts';
import type { Bench } from './bench.ts';
import { PROBE_TIMEOUT_MS } from './bench.ts';
import { addressOf, type Family, type Target } from './check.ts';

/** A TCP connection in both families that a test keeps open. */
export interface Open {
  readonly from: 'A' | 'C';
  readonly to: Target;
  readonly port: number;
  /** A further address of the sender, by family. */
  readonly src?: Readonly<Record<Family, string>>;
}

/** Connections of one test, to find out which of them are alive. */
export class OpenFlows {
  readonly #bench: Bench;
  readonly #names = new Map<string, Open['from']>();

  constructor(bench: Bench) {
    this.#bench = bench;
  }

  /** Opens one in each family; throws unless both come about. */
  async open(one: Open): Promise<void> {
    for (const family of [4, 6] as const) {
      const name = nameOf(one, family);
      const dst = addressOf(one.from, one.to, family);
      const src = one.src?.[family];
      const probe: Probe = {
        ...{ kind: 'tcp', dst, port: one.port },
        ...(src === undefined ? {} : { src }),
      };
      this.#names.set(name, one.from);
      const { agent } = this.#bench.lab.hosts[one.from];
      const request = { name, probe, timeoutMs: PROBE_TIMEOUT_MS };
      const outcome = await agent.call('open', request);
      if (outcome !== 'ok') throw new Error(`connection ${name} did not come about: ${outcome}`);
    }
  }

  /** The names of those over which bytes come and go. */
  async alive(): Promise<readonly string[]> {
    const asked = Array.from(this.#names, async ([name, from]) => {
      const outcome = await this.#bench.exchange(name, from).catch(() => 'gone');
      return outcome === 'ok' ? [name] : [];
    });
    return (await Promise.all(asked)).flat().sort();
  }

  async close(): Promise<void> {
    for (const [name, from] of this.#names)
      await this.#bench.lab.hosts[from].agent.call('close', { name });
    this.#names.clear();
  }
}

/** The names of these connections in both families, as `alive` says them. */
export function namesOf(all: readonly Open[]): readonly string[] {
  return all.flatMap((one) => [nameOf(one, 4), nameOf(one, 6)]).sort();
}

function nameOf({ from, to, port, src }: Open, family: Family): string {
  const source = src?.[family] ?? addressOf('B', from, family);
  return `${source} to ${addressOf(from, to, family)} port ${port}`;
}
