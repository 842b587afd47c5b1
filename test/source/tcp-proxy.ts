import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/**
 * A TCP proxy on loopback that can refuse connections, cut them, or swallow everything while the
 * connections stay open, as a firewall that drops packets does.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  #mode: 'pass' | 'refuse' | 'swallow' = 'pass';
  #swallowAnswers = false;

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer((socket) => {
      this.#accept(socket);
    });
  }

  static async to(endpoint: string): Promise<TcpProxy> {
    const proxy = new TcpProxy(Number(new URL(endpoint).port));
    proxy.#server.listen(0, '127.0.0.1');
    await once(proxy.#server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** New connections are closed at once; `cut` the old ones. */
  refuse(): void {
    this.#mode = 'refuse';
    this.cut();
  }

  /** Bytes of old and new connections go nowhere; nobody is told. */
  swallow(): void {
    this.#mode = 'swallow';
  }

  /** Requests reach etcd, answers do not come back. */
  swallowAnswers(): void {
    this.#swallowAnswers = true;
  }

  pass(): void {
    this.#mode = 'pass';
    this.#swallowAnswers = false;
    this.cut();
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #accept(client: Socket): void {
    this.#track(client);
    if (this.#mode === 'refuse') {
      client.destroy();
      return;
    }
    const server = connect(this.#target, '127.0.0.1');
    client.on('data', (bytes) => {
      if (this.#mode === 'pass') server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (this.#mode === 'pass' && !this.#swallowAnswers) client.write(bytes);
    });
    client.on('close', () => server.destroy());
    server.on('close', () => client.destroy());
    server.on('error', () => client.destroy());
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
