import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { inspect } from 'node:util';
import fc from 'fast-check';
import { silentLogger } from '../../src/base/logger.ts';
import { createControlClient } from '../../src/control/client.ts';
import { ControlError } from '../../src/control/handler.ts';
import { BODY_LIMIT } from '../../src/control/read-body.ts';
import { PATHS, route } from '../../src/control/routes.ts';
import { MOST_CONNECTIONS, startControlServer } from '../../src/control/server.ts';
import type { ControlServer } from '../../src/control/server.ts';
import type { ControlHandler } from '../../src/control/handler.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { fuzzLater, hostileText, mutate, oddValue, picks } from './cases.ts';
import { localDaemon } from './local-daemon.ts';

const REQUEST_LIMIT_MS = 300;
const LONGEST_ANSWER_MS = 5000;
const MIB = 2 ** 20;

const PACKET = {
  ...{ path: 'input', iifname: 'eth0', source: '10.0.1.9', destination: '10.0.1.1' },
  ...{ protocol: 6, sourcePort: 40_000, destinationPort: 8055, conntrack: 'new', dnat: null },
};
const path = fc.oneof(
  fc.constantFrom(...PATHS.map(([known]) => known)),
  hostileText.map((name) => `/v1/sets/${Buffer.from(name).toString('hex').replace(/../g, '%$&')}`),
  hostileText.map((name) => `/v1/sets/${name}`),
  hostileText,
  fc.constantFrom(
    '*',
    '/',
    '/v1',
    '/v1/sets/%',
    'http://x/v1/status',
    '//v1/status',
    '/v1/status#a',
  ),
);
const query = fc.oneof(
  fc.constant(''),
  hostileText.map((text) => `?${text}`),
);
const method = fc.oneof(
  fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE', 'get'),
  hostileText,
);
const document = fc.oneof(
  oddValue,
  fc.record({ packet: fc.tuple(picks, oddValue).map(([way, odd]) => mutate(PACKET, way, odd)) }),
  fc.record({ seconds: oddValue }),
);
const body = fc.oneof(
  document.map((value) => JSON.stringify(value)),
  hostileText,
  fc.constant(''),
);
const header = fc.oneof(
  fc.constantFrom(
    ...['Content-Length: 5', 'Content-Length: 99999999999999999999', 'Content-Length: -1'],
    ...['Transfer-Encoding: chunked', 'Transfer-Encoding: chunked, gzip', 'Expect: 100-continue'],
    ...['Connection: close', 'Connection: upgrade', 'Upgrade: websocket', 'Host: ', 'Expect: x'],
  ),
  fc.tuple(hostileText, hostileText).map(([name, value]) => `${name}: ${value}`),
);

/** Bytes that are a request, more or less: cut, with a byte changed, or two of them in a row. */
const bytes = fc
  .record({
    ...{ method, path, query, body },
    headers: fc.array(header, { maxLength: 4 }),
    version: fc.constantFrom('HTTP/1.1', 'HTTP/1.0', 'HTTP/2', 'HTTP/9.9', ''),
    length: fc.boolean(),
    damage: fc.constantFrom('none', 'none', 'cut', 'change', 'twice'),
    at: fc.nat(400),
  })
  .map((parts) => {
    const length = parts.length ? [`Content-Length: ${Buffer.byteLength(parts.body)}`] : [];
    const lines = [
      `${parts.method} ${parts.path}${parts.query} ${parts.version}`,
      'Host: x',
      ...length,
      ...parts.headers,
    ];
    const request = Buffer.from(`${lines.join('\r\n')}\r\n\r\n${parts.body}`);
    if (parts.damage === 'cut') return request.subarray(0, parts.at);
    if (parts.damage === 'twice') return Buffer.concat([request, request]);
    if (parts.damage === 'change') request[parts.at % request.length] = parts.at & 255;
    return request;
  });

/** A connection from the client's side. */
interface Talk {
  readonly socket: Socket;
  readonly closed: Promise<void>;
  /** What came back so far. */
  readonly answer: () => string;
}

describe('the local API, with anything at all', function () {
  this.timeout(0);
  let directory = '';
  let socketPath = '';
  let server: ControlServer;
  let handler: ControlHandler;
  const sockets: Socket[] = [];

  before(async () => {
    handler = await localDaemon();
  });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-fuzz-'));
    socketPath = join(directory, 'rampartd.sock');
    const ports = { handler, clock: createManualClock(), logger: silentLogger };
    const options = { path: socketPath, group: null, requestLimitMs: REQUEST_LIMIT_MS };
    server = startControlServer(options, ports);
    await server.started;
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await server.close();
    rmSync(directory, { recursive: true });
  });

  async function open(): Promise<Talk> {
    const socket = connect(socketPath);
    sockets.push(socket);
    const pieces: Buffer[] = [];
    socket.on('data', (piece: Buffer) => pieces.push(piece));
    // Who is turned away may be so with a reset.
    socket.on('error', () => undefined);
    const closed = new Promise<void>((resolve) =>
      socket.once('close', () => {
        resolve();
      }),
    );
    await once(socket, 'connect');
    return { socket, closed, answer: () => Buffer.concat(pieces).toString('latin1') };
  }

  /** Everything that comes back until the other side ends. */
  async function answerOf({ closed, answer }: Talk): Promise<string> {
    const late = delay(LONGEST_ANSWER_MS, 'late', { ref: false });
    const end = await Promise.race([late, closed]);
    assert.notEqual(end, 'late', 'neither an answer nor an end');
    return answer();
  }

  async function exchange(request: Uint8Array): Promise<string> {
    const talk = await open();
    talk.socket.end(request);
    const answer = await answerOf(talk);
    sockets.pop();
    return answer;
  }

  async function stillServes(): Promise<void> {
    const client = createControlClient(socketPath);
    try {
      assert.equal((await client.explain(PACKET)).verdict, 'allow');
      assert.equal(server.fault(), null);
    } finally {
      client.close();
    }
  }

  it('requests are answered or ended, and the next one is served', async () => {
    let answered = 0;
    await fuzzLater(
      'requests of the local API',
      fc.asyncProperty(bytes, async (request) => {
        const answer = await exchange(request);
        if (answer === '') return;
        answered += 1;
        assert.match(answer, /^HTTP\/1\.1 [1-5]\d\d /);
      }),
    );
    assert.ok(answered > 10, 'hardly anything was answered');
    await stillServes();
  });

  it('bodies lead to an answer or a refusal that says why', async () => {
    const posted = PATHS.filter(([, methods]) => methods.includes('POST'));
    const known = fc.constantFrom(...posted.map(([name]) => name));
    const names = fc.oneof(
      known,
      hostileText.map((name) => `/v1/sets/${name}`),
    );
    await fuzzLater(
      'bodies of the local API',
      fc.asyncProperty(names, document, async (name, value) => {
        const asked = name.startsWith('/v1/sets/') ? 'GET' : 'POST';
        const request = { method: asked, path: name, body: value };
        const startedAt = performance.now();
        const refusal: unknown = await route(handler, request).then(
          () => null,
          (error: unknown) => error,
        );
        if (refusal !== null) {
          assert.ok(refusal instanceof ControlError, inspect(refusal));
          assert.ok(refusal.status >= 400 && refusal.message !== '');
        }
        assert.ok(performance.now() - startedAt < LONGEST_ANSWER_MS);
      }),
    );
  });

  it('bodies that are deep, wide or endless are refused, and none is held in memory', async () => {
    const deep = '['.repeat(BODY_LIMIT / 2) + ']'.repeat(BODY_LIMIT / 2);
    const wide = JSON.stringify({ packet: { source: 'x'.repeat(BODY_LIMIT - 100) } });
    for (const text of [deep, wide, ' '.repeat(BODY_LIMIT), '9'.repeat(BODY_LIMIT)]) {
      const head = `POST /v1/explain HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n`;
      assert.match(await exchange(Buffer.from(head + text)), /^HTTP\/1\.1 400 /);
    }
    const before = process.memoryUsage().rss;
    const talk = await open();
    const { socket, closed } = talk;
    socket.write('POST /v1/explain HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n');
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    let sent = 0;
    while (!socket.destroyed && sent < 2048 * MIB) {
      sent += chunk.length;
      const drained = new Promise<void>((resolve) =>
        socket.write(chunk, () => {
          resolve();
        }),
      );
      await Promise.race([drained, closed]);
    }
    await answerOf(talk);
    assert.ok(sent > BODY_LIMIT, `${sent} bytes`);
    assert.ok(process.memoryUsage().rss - before < 128 * MIB);
    await stillServes();
  });

  it('half requests give their place up after a while, and what is too many is turned away', async () => {
    const many = await Promise.all(Array.from({ length: 4 * MOST_CONNECTIONS }, () => open()));
    const halves = [
      '',
      'GET',
      'GET /v1/status HTTP/1.1\r\nHost: x\r\nA: ',
      'POST /v1/explain HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{',
    ];
    for (const [i, { socket }] of many.entries()) socket.write(halves[i % halves.length] ?? '');
    await Promise.all(many.map(answerOf));
    await stillServes();
  });
});
