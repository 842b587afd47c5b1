import { AsyncLocalStorage } from 'node:async_hooks';
import { subscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

const owner = new AsyncLocalStorage<OwnedSockets>();
let underWay = 0;

subscribe('net.client.socket', (message) => {
  owner.getStore()?.adopt((message as { readonly socket: Socket }).socket);
});

/**
 * Every TCP connection that a library opens on behalf of certain calls, so that they can be ended.
 * gRPC keeps a connection for ever whose server accepted it and then never answered: a frozen etcd,
 * or one behind a filter that drops packets, would cost one file descriptor an attempt.
 */
export class OwnedSockets {
  readonly #sockets = new Set<Socket>();
  #closed = false;

  /**
   * Runs `task`; what it connects to until it and `answered` are done belongs to this. Afterwards, unless other calls are
   * under way, nothing is followed: that costs every promise and every event of the process a little.
   */
  async run<T>(
    task: () => Promise<T>,
    answered: (result: T) => Promise<unknown> = () => Promise.resolve(),
  ): Promise<T> {
    underWay += 1;
    // A task that throws before it has a promise ends as well.
    const attempt = owner.run(this, async () => task());
    const done = (): void => {
      underWay -= 1;
      if (underWay === 0) owner.disable();
    };
    attempt.then(answered).then(done, done);
    return attempt;
  }

  adopt(socket: Socket): void {
    if (this.#closed) {
      // It is announced before it connects, and connecting would revive it.
      process.nextTick(() => socket.destroy());
      return;
    }
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  /** Ends all connections at once, and every later one as soon as it is made. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}
