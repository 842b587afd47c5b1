import {
  endpointStatusKey,
  endpointStatusPrefix,
  endpointStatusValue,
} from '../status/felix-status.ts';
import type { StatusSink } from '../status/status-sink.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';

// As Felix: so often is what the datastore holds compared in full.
const RUNS_PER_COMPARISON = 180;

/** Keeps the states of this node's host endpoints in the datastore as they are here, one write at a time. */
export class EndpointReports {
  readonly #sink: StatusSink;
  /** What the datastore holds; null: to be listed. */
  #written: Map<string, string> | null = null;
  #runs = 0;

  constructor(sink: StatusSink) {
    this.#sink = sink;
  }

  /** Writes or deletes one key, if one differs. After a rejection the next call lists anew. */
  async write({
    nodeName,
    endpoints,
  }: Pick<DaemonStatus, 'nodeName' | 'endpoints'>): Promise<void> {
    try {
      const written = await this.#present(nodeName);
      const wanted = new Map(
        endpoints.map(({ name, state }) => [
          endpointStatusKey(nodeName, name),
          endpointStatusValue(state),
        ]),
      );
      await this.#writeOne(wanted, written);
    } catch (error) {
      this.#written = null;
      throw error;
    }
  }

  async #present(nodeName: string): Promise<Map<string, string>> {
    this.#runs += 1;
    if (this.#written !== null && this.#runs % RUNS_PER_COMPARISON !== 0) return this.#written;
    this.#written = new Map(await this.#sink.list(endpointStatusPrefix(nodeName)));
    return this.#written;
  }

  async #writeOne(
    wanted: ReadonlyMap<string, string>,
    written: Map<string, string>,
  ): Promise<void> {
    for (const [key, value] of wanted) {
      if (written.get(key) === value) continue;
      await this.#sink.put(key, value);
      written.set(key, value);
      return;
    }
    for (const key of written.keys()) {
      if (wanted.has(key)) continue;
      await this.#sink.delete(key);
      written.delete(key);
      return;
    }
  }
}
