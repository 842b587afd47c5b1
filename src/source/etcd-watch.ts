import { AsyncResource } from 'node:async_hooks';
import type { IEvent, IWatchResponse } from 'etcd3';
import type { Cancel, Clock } from '../base/clock.ts';
import { SourceError, toError } from '../base/errors.ts';
import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { untilAborted } from './abortable.ts';
import { RESOURCE_RANGE_END } from './etcd-client.ts';
import type { EtcdClient, WatchStream } from './etcd-client.ts';
import type { EtcdTiming } from './etcd-options.ts';

/** What a watch needs besides the connection. */
export interface WatchContext {
  readonly timing: EtcdTiming;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** All changes of one or more whole revisions, in order; `revision` is the cluster's. */
  readonly updates: (updates: readonly RawUpdate[], revision: number) => void;
  /** The watch has delivered everything up to this revision. */
  readonly progress: (revision: number) => void;
}

/**
 * Watches all resources from `revision` on until something ends it, then rejects with the reason:
 * cancelled, compacted, disconnected, silent, or the signal's own. It never resolves and never
 * tries again; a listener that throws ends it too.
 */
export async function watchFrom(
  client: EtcdClient,
  revision: number,
  context: WatchContext,
): Promise<never> {
  const stream = await untilAborted(context.signal, client.watch());
  const ended = new Promise<never>((_, reject) => {
    // Never taken off: gRPC may report one loss several times, and the last must be heard as well.
    stream.on('error', reject);
    stream.on('end', () => {
      reject(new SourceError('etcd-watch-ended', 'the server ended the watch'));
    });
  });
  const watchdog = new Watchdog(stream, context);
  try {
    const failed = receive(stream, watchdog, context);
    stream.write({
      create_request: {
        key: Buffer.from(RESOURCE_PREFIX),
        range_end: RESOURCE_RANGE_END,
        start_revision: revision,
        progress_notify: true,
      },
    });
    return await untilAborted(context.signal, Promise.race([ended, failed, watchdog.expired]));
  } finally {
    watchdog.stop();
    stream.cancel();
  }
}

/** Rejects at the first response that is not good news; nothing thrown leaves the stream's handler. */
function receive(stream: WatchStream, watchdog: Watchdog, context: WatchContext): Promise<never> {
  return new Promise<never>((_, reject) => {
    const handle = (response: IWatchResponse): void => {
      if (watchdog.stopped) return;
      watchdog.alive(response);
      try {
        respond(response, context);
      } catch (error) {
        reject(toError(error));
      }
    };
    // What a listener connects to belongs to the listener, not to the connection the event came by.
    stream.on('data', AsyncResource.bind(handle));
  });
}

function respond(response: IWatchResponse, context: WatchContext): void {
  const revision = Number(response.header.revision);
  if (response.canceled) throw cancelled(response);
  if (response.events.length > 0) context.updates(response.events.map(toUpdate), revision);
  // Answers to our own questions carry the watch id -1 and, before etcd 3.5.8, may be ahead of events.
  else if (!response.created && response.watch_id !== '-1') context.progress(revision);
}

function toUpdate({ type, kv }: IEvent): RawUpdate {
  return {
    key: kv.key.toString('utf8'),
    value: type === 'Delete' ? null : kv.value,
    revision: Number(kv.mod_revision),
  };
}

function cancelled({ compact_revision, cancel_reason }: IWatchResponse): SourceError {
  if (compact_revision !== '0') {
    const message = `the watch's revision was compacted away (up to ${compact_revision})`;
    return new SourceError('etcd-compacted', message);
  }
  const reason = cancel_reason === '' ? 'no reason given' : cancel_reason;
  return new SourceError('etcd-watch-cancelled', `the server cancelled the watch: ${reason}`);
}

/**
 * Gives up on a watch that is not created in time or, where the server answers such questions at all
 * (etcd 3.4), stays silent although asked for a sign of life.
 */
class Watchdog {
  /** Rejects when the stream is given up. */
  readonly expired: Promise<never>;
  readonly #stream: WatchStream;
  readonly #context: WatchContext;
  #cancelAsking: Cancel = () => undefined;
  #cancelDeadline: Cancel = () => undefined;
  #expire: (error: Error) => void = () => undefined;
  #answers = false;
  #stopped = false;

  constructor(stream: WatchStream, context: WatchContext) {
    this.#stream = stream;
    this.#context = context;
    this.expired = new Promise<never>((_, reject) => {
      this.#expire = reject;
    });
    this.#expect(context.timing.requestTimeoutMs, 'the watch was not created');
  }

  get stopped(): boolean {
    return this.#stopped;
  }

  alive(response: IWatchResponse): void {
    if (response.created) this.#ask();
    this.#answers ||= response.watch_id === '-1';
    this.#cancelDeadline();
    if (this.#answers) this.#expect(this.#context.timing.silenceMs, 'the watch has been silent');
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelAsking();
    this.#cancelDeadline();
  }

  #expect(withinMs: number, complaint: string): void {
    this.#cancelDeadline = this.#context.clock.after(withinMs, () => {
      this.#expire(new SourceError('etcd-silent', `${complaint} for ${withinMs} ms`));
    });
  }

  #ask(): void {
    const { clock, timing } = this.#context;
    this.#cancelAsking();
    this.#cancelAsking = clock.after(timing.progressIntervalMs, () => {
      this.#stream.write({ progress_request: {} });
      this.#ask();
    });
  }
}
