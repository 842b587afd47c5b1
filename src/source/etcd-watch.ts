import { AsyncResource } from 'node:async_hooks';
import type { Cancel, Clock } from '../base/clock.ts';
import { SourceError, toError } from '../base/errors.ts';
import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { untilAborted } from './abortable.ts';
import { RESOURCE_RANGE_END } from './etcd-client.ts';
import type { WatchStream } from './direct-etcd.ts';
import type { EtcdClient } from './etcd-client.ts';
import type { EtcdTiming } from './etcd-options.ts';
import type { WatchAnswer } from './watch-message.ts';

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
    const from = Buffer.from(RESOURCE_PREFIX);
    stream.write({ kind: 'create', from, end: RESOURCE_RANGE_END, revision });
    return await untilAborted(context.signal, Promise.race([ended, failed, watchdog.expired]));
  } finally {
    watchdog.stop();
    stream.cancel();
  }
}

/** Rejects at the first response that is not good news; nothing thrown leaves the stream's handler. */
function receive(stream: WatchStream, watchdog: Watchdog, context: WatchContext): Promise<never> {
  return new Promise<never>((_, reject) => {
    const handle = (answer: WatchAnswer): void => {
      if (watchdog.stopped) return;
      watchdog.alive(answer);
      try {
        respond(answer, context);
      } catch (error) {
        reject(toError(error));
      }
    };
    // What a listener connects to belongs to the listener, not to the connection the event came by.
    stream.on('data', AsyncResource.bind(handle));
  });
}

function respond(answer: WatchAnswer, context: WatchContext): void {
  const { revision, updates } = answer;
  if (answer.isCanceled) throw cancelled(answer);
  if (updates.length > 0) context.updates(updates, revision);
  // Answers to our own questions may, before etcd 3.5.8, be ahead of events.
  else if (!answer.isCreated && !answer.isProgress) context.progress(revision);
}

function cancelled({ compactRevision, cancelReason }: WatchAnswer): SourceError {
  if (compactRevision !== 0) {
    const message = `the watch's revision was compacted away (up to ${compactRevision})`;
    return new SourceError('etcd-compacted', message);
  }
  const reason = cancelReason === '' ? 'no reason given' : cancelReason;
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

  alive({ isCreated, isProgress }: WatchAnswer): void {
    if (isCreated) this.#ask();
    this.#answers ||= isProgress;
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
      this.#stream.write({ kind: 'progress' });
      this.#ask();
    });
  }
}
