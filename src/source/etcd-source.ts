import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import { InvariantError, SourceError, toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { sleep, untilAborted } from './abortable.ts';
import { Backoff } from './backoff.ts';
import { Delivered } from './delivered.ts';
import { openEtcdClient } from './etcd-client.ts';
import type { EtcdClient } from './etcd-client.ts';
import { credentialFiles } from './etcd-credentials.ts';
import { listPages } from './etcd-list.ts';
import type { Page } from './etcd-list.ts';
import { etcdTiming } from './etcd-options.ts';
import type { EtcdSourceOptions, EtcdTiming } from './etcd-options.ts';
import { watchFrom } from './etcd-watch.ts';
import { Outage } from './outage.ts';
import type { SourcePorts } from './source-ports.ts';
import type { RedeliveringSource, SourceEvent, SourceListener } from './source.ts';
import { watchFiles } from './watch-files.ts';

/**
 * Calico's resources in etcd: one list pinned to a revision, one watch from the next revision on, and
 * whatever ends either leads to a new connection, a new list and the difference to what was delivered.
 * The bytes delivered are views on received messages: copy what is kept longer than the event.
 */
export function createEtcdSource(
  options: EtcdSourceOptions,
  ports: SourcePorts,
): RedeliveringSource {
  return new EtcdSource(options, ports);
}

const LARGEST_PAGE = 5_000;
const LARGEST_PART = 500;

class EtcdSource implements RedeliveringSource {
  readonly #options: EtcdSourceOptions;
  readonly #timing: EtcdTiming;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #backoff: Backoff;
  readonly #outage: Outage;
  readonly #delivered = new Delivered();
  readonly #closing = new AbortController();
  #listener: SourceListener = () => undefined;
  #running: Promise<void> | undefined;
  /** Aborted to end the present connection, or the wait for the next attempt, without it being a fault. */
  #round = new AbortController();
  #endpoint: number;
  #connectedTo = '';
  #complete = false;
  #inSyncSince: number | undefined;
  #revision = 0;
  #clusterId: string | undefined;

  constructor(options: EtcdSourceOptions, ports: SourcePorts) {
    this.#options = options;
    this.#timing = etcdTiming(options);
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#backoff = new Backoff(this.#timing.backoffMinMs, this.#timing.backoffMaxMs);
    this.#outage = new Outage(ports, this.#timing.graceMs, (error) => {
      this.#emit({ kind: 'lost', error });
    });
    this.#endpoint = Math.floor(Math.random() * options.endpoints.length);
  }

  start(listener: SourceListener): void {
    if (this.#running !== undefined) throw new InvariantError('a source is started once');
    this.#listener = listener;
    this.#running = Promise.resolve().then(() => this.#run());
  }

  resync(): void {
    this.#round.abort();
  }

  redeliver(): void {
    this.#delivered.distrust();
    this.resync();
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#round.abort();
    this.#outage.over();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { credentialPollMs } = this.#timing;
    const files = credentialFiles(this.#options);
    const unwatch = watchFiles(files, credentialPollMs, this.#clock, () => {
      void this.#credentialsChanged();
    });
    while (!this.#closing.signal.aborted) {
      this.#round = new AbortController();
      const { signal } = this.#round;
      const error = await this.#connection(signal);
      if (signal.aborted) continue;
      this.#failed(error);
      await sleep(this.#clock, this.#backoff.next(), signal);
    }
    unwatch();
  }

  /** One connection from opening to failure; resolves with what ended it. */
  async #connection(signal: AbortSignal): Promise<Error> {
    const endpoint = this.#nextEndpoint();
    let client: EtcdClient | undefined;
    try {
      client = await openEtcdClient(endpoint, this.#options, { clock: this.#clock, signal });
      const revision = await this.#list(client, signal);
      return await watchFrom(client, revision + 1, {
        timing: this.#timing,
        clock: this.#clock,
        signal,
        updates: (updates, at) => {
          this.#deliver(updates, at);
        },
        progress: (at) => {
          this.#revision = Math.max(this.#revision, at);
        },
      });
    } catch (error) {
      const reason = toError(error);
      const code = reason instanceof SourceError ? reason.code : 'etcd-unavailable';
      return new SourceError(code, `etcd at ${endpoint}: ${reason.message}`, reason);
    } finally {
      client?.close();
    }
  }

  /** Until the first complete view, pages go out as they come; later the difference goes out at once. */
  async #list(client: EtcdClient, signal: AbortSignal): Promise<number> {
    // Of what was delivered before; a first list is all news.
    const present = this.#delivered.size === 0 ? null : new Set<string>();
    const held: RawUpdate[] = [];
    const pages = listPages(client, this.#options.pageSize ?? LARGEST_PAGE);
    let revision = 0;
    for (;;) {
      const next = await untilAborted(signal, pages.next());
      if (next.done === true) break;
      if (revision === 0) this.#compareHistory(next.value);
      revision = next.value.revision;
      const news = present === null ? next.value.updates : this.#news(next.value.updates, present);
      if (this.#complete) held.push(...news);
      else await this.#deliverInParts(news, revision, signal);
    }
    const gone = present === null ? [] : this.#delivered.missing(present, revision);
    this.#deliver(held.concat(gone), revision);
    this.#inSync(revision);
    return revision;
  }

  #news(updates: readonly RawUpdate[], present: Set<string>): readonly RawUpdate[] {
    for (const { key } of updates) present.add(key);
    return updates.filter((update) => this.#delivered.isNews(update));
  }

  // Others get their turn in between, the next page among them.
  async #deliverInParts(
    updates: readonly RawUpdate[],
    revision: number,
    signal: AbortSignal,
  ): Promise<void> {
    for (let from = 0; from < updates.length; from += LARGEST_PART) {
      if (from > 0) await untilAborted(signal, nextTurn());
      this.#deliver(updates.slice(from, from + LARGEST_PART), revision);
    }
  }

  /** A revision behind ours, or another cluster: equal revisions need not mean equal states. */
  #compareHistory({ revision, clusterId }: Page): void {
    const known = this.#clusterId;
    if (revision < this.#revision || (known !== undefined && known !== clusterId)) {
      this.#logger.warn(
        { revision, lastRevision: this.#revision, clusterId, lastClusterId: known },
        'etcd has another history than before; everything is delivered again',
      );
      this.#delivered.distrust();
    }
    this.#clusterId = clusterId;
    this.#revision = revision;
  }

  #inSync(revision: number): void {
    this.#delivered.trust();
    this.#complete = true;
    this.#inSyncSince = this.#clock.monotonic();
    this.#outage.over();
    this.#logger.info({ revision, keys: this.#delivered.size }, 'in sync with etcd');
    this.#emit({ kind: 'in-sync', revision });
  }

  #deliver(updates: readonly RawUpdate[], revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    if (updates.length === 0) return;
    this.#emit({ kind: 'updates', updates, revision });
    this.#delivered.accept(updates);
  }

  #emit(event: SourceEvent): void {
    if (!this.#closing.signal.aborted) this.#listener(event);
  }

  #failed(error: Error): void {
    const lasted = this.#clock.monotonic() - (this.#inSyncSince ?? Infinity);
    if (lasted > this.#timing.backoffMaxMs) this.#backoff.reset();
    this.#inSyncSince = undefined;
    this.#logger.warn({ error: error.message }, 'etcd connection failed; trying again');
    this.#outage.failed(error);
  }

  #nextEndpoint(): string {
    const { endpoints } = this.#options;
    const endpoint = endpoints[this.#endpoint % endpoints.length] ?? '';
    this.#endpoint += 1;
    this.#connectedTo = endpoint;
    return endpoint;
  }

  /** New credentials replace a working connection only after etcd accepted them. */
  async #credentialsChanged(): Promise<void> {
    if (this.#inSyncSince !== undefined && !(await this.#credentialsWork())) return;
    this.#logger.info({}, 'credentials for etcd changed; connecting anew');
    this.resync();
  }

  async #credentialsWork(): Promise<boolean> {
    const context = { clock: this.#clock, signal: this.#round.signal };
    try {
      const client = await openEtcdClient(this.#connectedTo, this.#options, context);
      try {
        await untilAborted(context.signal, client.page(Buffer.from(RESOURCE_PREFIX), 1, 0));
      } finally {
        client.close();
      }
      return true;
    } catch (error) {
      const reason = toError(error).message;
      this.#logger.warn(
        { error: reason },
        'changed credentials for etcd do not work; not used yet',
      );
      return false;
    }
  }
}
