import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ControlError } from './handler.ts';
import type { ControlHandler } from './handler.ts';
import { readBody } from './read-body.ts';
import { route } from './routes.ts';
import { admitGroup, removeStaleSocket } from './socket-file.ts';
import type { ErrorAnswer } from './wire.ts';

export interface ControlServerOptions {
  /** Where the socket is made. */
  readonly path: string;
  /** Who may use it beside root; null: nobody. */
  readonly group: string | null;
  /** Within which a request must have arrived as a whole; 10 s unless said otherwise. */
  readonly requestLimitMs?: number;
}

export interface ControlServerPorts {
  readonly handler: ControlHandler;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** The local API. It never throws, and never keeps the process alive. */
export interface ControlServer {
  /** Why nobody can use it, for an alarm; null while all is well. */
  fault(): string | null;
  /** Resolves after the first attempt to listen, whatever came of it. */
  readonly started: Promise<void>;
  /** Stops and removes the socket. */
  close(): Promise<void>;
}

/** How long to wait before listening is tried again. */
export const SOCKET_RETRY_MS = 5000;
/** More than these at a time are turned away. */
export const MOST_CONNECTIONS = 32;
const REQUEST_LIMIT_MS = 10_000;
/** How long an answer may take. */
export const ANSWER_LIMIT_MS = 60_000;

/** Serves the local API on a unix socket that root, and members of the group, may use. */
export function startControlServer(
  options: ControlServerOptions,
  ports: ControlServerPorts,
): ControlServer {
  const listener = new Listener(options, ports);
  const started = listener.attempt();
  return { started, fault: () => listener.fault, close: () => listener.close() };
}

class Listener {
  readonly #options: ControlServerOptions;
  readonly #ports: ControlServerPorts;
  #server: Server | null = null;
  #cancelRetry: (() => void) | null = null;
  #isClosed = false;
  #attempt: Promise<void> = Promise.resolve();
  fault: string | null = null;

  constructor(options: ControlServerOptions, ports: ControlServerPorts) {
    this.#options = options;
    this.#ports = ports;
  }

  attempt(): Promise<void> {
    this.#attempt = this.#listen().catch((thrown: unknown) => {
      this.#fail(toError(thrown));
    });
    return this.#attempt;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRetry?.();
    await this.#attempt;
    const server = this.#server;
    if (server?.listening !== true) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #listen(): Promise<void> {
    const { path, group } = this.#options;
    await removeStaleSocket(path);
    if (this.#isClosed) return;
    const server = this.#createServer();
    await bind(server, path);
    this.#server = server;
    if (group !== null) await admitGroup(path, group);
    this.fault = null;
    this.#ports.logger.info({ service: 'control', path }, 'listening');
  }

  #createServer(): Server {
    const { handler, clock, logger } = this.#ports;
    const limitMs = this.#options.requestLimitMs ?? REQUEST_LIMIT_MS;
    // Looked at often: by itself Node lets half a request take a place for half a minute more.
    const connectionsCheckingInterval = limitMs / 10;
    const server = createServer({ connectionsCheckingInterval }, (request, response) => {
      void respond(request, response, { handler, clock, logger });
    });
    server.requestTimeout = limitMs;
    server.headersTimeout = limitMs;
    server.maxConnections = MOST_CONNECTIONS;
    server.unref();
    return server;
  }

  #fail(error: Error): void {
    const fault = `rampartctl cannot reach this daemon: ${error.message}`;
    if (fault !== this.fault) {
      this.#ports.logger.error({ service: 'control', error: error.message }, 'cannot listen');
    }
    this.fault = fault;
    // Where only the group could not be admitted, root is served.
    if (this.#isClosed || this.#server?.listening === true) return;
    this.#cancelRetry = this.#ports.clock.after(SOCKET_RETRY_MS, () => {
      void this.attempt();
    });
  }
}

// The socket must not be open to others for the moment between its making and a chmod.
async function bind(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    const umask = process.umask(0o177);
    try {
      server.listen(path, () => {
        server.off('error', reject);
        resolve();
      });
    } finally {
      process.umask(umask);
    }
  });
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  ports: ControlServerPorts,
): Promise<void> {
  const [status, answer] = await answerTo(request, ports);
  const body = `${JSON.stringify(answer)}\n`;
  response.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  });
  response.end(body);
}

async function answerTo(
  request: IncomingMessage,
  { handler, clock, logger }: ControlServerPorts,
): Promise<readonly [status: number, answer: unknown]> {
  const { method = '', url = '' } = request;
  try {
    const body = await readBody(request);
    const answer = route(handler, { method, path: pathOf(url), body });
    return [200, await inTime(answer, clock)];
  } catch (thrown) {
    const error = toError(thrown);
    if (error instanceof ControlError)
      return [error.status, errorAnswer(error.code, error.message)];
    logger.warn({ method, url, error: error.message }, 'the local API could not answer');
    return [500, errorAnswer('failed', error.message)];
  }
}

function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? '';
  try {
    return decodeURIComponent(path);
  } catch {
    throw new ControlError(400, 'bad-path', `${path} is not a path`);
  }
}

function errorAnswer(code: string, message: string): ErrorAnswer {
  return { error: { code, message } };
}

async function inTime<T>(answer: Promise<T>, clock: Clock): Promise<T> {
  let stop = (): void => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    stop = clock.after(ANSWER_LIMIT_MS, () => {
      const seconds = ANSWER_LIMIT_MS / 1000;
      reject(new ControlError(504, 'too-slow', `no answer within ${seconds} s: try again`));
    });
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    stop();
  }
}
