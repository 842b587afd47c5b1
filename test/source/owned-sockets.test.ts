import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { OwnedSockets } from '../../src/source/owned-sockets.ts';

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
    let answer: () => void = () => undefined;
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
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

  it('follows nothing once all tasks are done', async () => {
    const owned = new OwnedSockets();
    let go: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    let later: Promise<Socket> | null = null;
    await owned.run(() => {
      later = gate.then(connectLater);
      return Promise.resolve();
    });
    // The task's end is noticed a few promises later.
    await new Promise((resolve) => setImmediate(resolve));
    go();
    const socket = await (later as Promise<Socket> | null);
    owned.close();
    assert.equal(socket?.destroyed, false);
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
