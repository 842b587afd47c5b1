import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';

/** What a small read-only HTTP service answers with. */
export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

export interface HttpServiceOptions {
  /** For messages: `health`, `metrics`. */
  readonly name: string;
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** By path; anything else is 404. */
  readonly routes: ReadonlyMap<string, () => HttpAnswer | Promise<HttpAnswer>>;
}

export interface HttpServicePorts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A service that listens, or keeps trying to. It never throws, and never keeps the process alive. */
export interface HttpService {
  /** Where it listens, such as `127.0.0.1:9099`; null while it does not. */
  readonly address: () => string | null;
  /** Why it does not listen, for an alarm; null while it does. */
  readonly fault: () => string | null;
  /** Resolves after the first attempt to listen, whatever came of it. */
  readonly started: Promise<void>;
  /** Stops; open connections are closed. */
  readonly close: () => Promise<void>;
}

/** How long to wait before listening is tried again: somebody else's port may become free. */
export const LISTEN_RETRY_MS = 5000;

/** Starts an HTTP service for GET and HEAD. */
export function startHttpService(
  options: HttpServiceOptions,
  ports: HttpServicePorts,
): HttpService {
  const service = new Service(options, ports);
  return {
    address: () => service.address(),
    fault: () => service.fault,
    started: service.attempt(),
    close: () => service.close(),
  };
}

class Service {
  readonly #options: HttpServiceOptions;
  readonly #ports: HttpServicePorts;
  #server: Server | null = null;
  #cancelRetry: (() => void) | null = null;
  #isClosed = false;
  fault: string | null = 'not started yet';

  constructor(options: HttpServiceOptions, ports: HttpServicePorts) {
    this.#options = options;
    this.#ports = ports;
  }

  address(): string | null {
    const address = this.#server?.listening === true ? this.#server.address() : null;
    return address === null || typeof address === 'string' ? null : formatAddress(address);
  }

  attempt(): Promise<void> {
    const server = this.#createServer();
    this.#server = server;
    return new Promise((resolve) => {
      server.on('error', (error) => {
        this.#fail(error);
        resolve();
      });
      server.listen(this.#options.port, this.#options.host, () => {
        this.#succeed();
        resolve();
      });
    });
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    const server = this.#server;
    if (server?.listening !== true) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  #createServer(): Server {
    // A scraper that sends nothing, or half a request, is dropped; by itself Node looks twice a minute only.
    const server = createServer({ connectionsCheckingInterval: 1000 }, (request, response) => {
      void respond(request, response, this.#options.routes);
    });
    server.requestTimeout = 10_000;
    server.headersTimeout = 10_000;
    server.maxConnections = 64;
    server.unref();
    return server;
  }

  #succeed(): void {
    if (this.#isClosed) {
      this.#server?.close();
      return;
    }
    this.fault = null;
    const { name } = this.#options;
    this.#ports.logger.info({ service: name, address: this.address() }, 'listening');
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    const { name, host, port } = this.#options;
    const fault = `The ${name} server cannot listen on ${host} port ${port}: ${error.message}`;
    if (fault !== this.fault) {
      this.#ports.logger.error(
        { service: name, host, port, error: error.message },
        'cannot listen',
      );
    }
    this.fault = fault;
    this.#cancelRetry = this.#ports.clock.after(LISTEN_RETRY_MS, () => {
      void this.attempt();
    });
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  routes: HttpServiceOptions['routes'],
): Promise<void> {
  const answer = await answerTo(request, routes);
  response.writeHead(answer.status, {
    'Content-Type': answer.contentType,
    'Content-Length': Buffer.byteLength(answer.body),
    'Cache-Control': 'no-store',
    ...(answer.status === 405 ? { Allow: 'GET, HEAD' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}

async function answerTo(
  request: IncomingMessage,
  routes: HttpServiceOptions['routes'],
): Promise<HttpAnswer> {
  const route = routes.get(request.url?.split('?', 1)[0] ?? '');
  if (route === undefined) return text(404, `Not found. Try ${[...routes.keys()].join(' or ')}.\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') return text(405, 'Use GET.\n');
  try {
    return await route();
  } catch (thrown) {
    return text(500, `${toError(thrown).message}\n`);
  }
}

function text(status: number, body: string): HttpAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body };
}

function formatAddress({ address, family, port }: AddressInfo): string {
  return family === 'IPv6' ? `[${address}]:${port}` : `${address}:${port}`;
}
