import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { OwnedSockets } from '../../src/source/owned-sockets.ts';

/** A promise, and what resolves it. */
function gate(): { readonly done: Promise<void>; readonly end: () => void } {
  let end: () => void = () => undefined;
  const done = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    done,
    end: () => {
      end();
    },
  };
}

describe('OwnedSockets', () => {
  let server: Server;
  const open = new Set<Socket>();

  beforeEach(async () => {
    server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(async () => {
    for (const socket of open) socket.destroy();
    open.clear();
    server.close();
    await once(server, 'close');
  });

  function connectLater(): Promise<Socket> {
    return new Promise((resolve) => {
      setImmediate(() => {
        const { port } = server.address() as AddressInfo;
        const socket = connect(port, '127.0.0.1', () => {
          resolve(socket);
        });
        open.add(socket);
      });
    });
  }

  it('ends what a task connects to', async () => {
    const owned = new OwnedSockets();
    const socket = await owned.run(connectLater);
    owned.close();
    assert.equal(socket.destroyed, true);
  });

  it('ends what a task connects to while it waits for its answer', async () => {
    const owned = new OwnedSockets();
    const { done: answered, end: answer } = gate();
    let later: Promise<Socket> | null = null;
    await owned.run(
      () => {
        later = connectLater();
        return Promise.resolve();
      },
      () => answered,
    );
    const socket = await (later as Promise<Socket> | null);
    answer();
    owned.close();
    assert.equal(socket?.destroyed, true);
  });

  // What is left of a task when it is done.
  async function connectedAfterwards(owned: OwnedSockets): Promise<Socket> {
    const { done: opened, end: go } = gate();
    const late = { socket: Promise.reject<Socket>(new Error('not begun')) };
    late.socket.catch(() => undefined);
    await owned.run(() => {
      late.socket = opened.then(connectLater);
      return Promise.resolve();
    });
    // The task's end is noticed a few promises later.
    await new Promise((resolve) => setImmediate(resolve));
    go();
    return late.socket;
  }

  it('follows nothing once all tasks are done', async () => {
    const owned = new OwnedSockets();
    const socket = await connectedAfterwards(owned);
    owned.close();
    assert.equal(socket.destroyed, false);
  });

  it('follows nothing after a task that threw at once', async () => {
    const owned = new OwnedSockets();
    const failing = owned.run(() => {
      throw new Error('thrown');
    });
    await assert.rejects(failing, /thrown/);
    const socket = await connectedAfterwards(owned);
    owned.close();
    assert.equal(socket.destroyed, false);
  });

  it('goes on following one task when another is done', async () => {
    const [one, other] = [new OwnedSockets(), new OwnedSockets()];
    const connecting = one.run(connectLater);
    await other.run(() => Promise.resolve());
    const socket = await connecting;
    other.close();
    assert.equal(socket.destroyed, false);
    one.close();
    assert.equal(socket.destroyed, true);
  });

  it('hands on what a task fails with', async () => {
    const failing = new OwnedSockets().run(() => Promise.reject(new Error('refused')));
    await assert.rejects(failing, /refused/);
  });
});
