import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createServer as createTcpServer, connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { silentLogger } from '../../src/base/logger.ts';
import { createHealthServer } from '../../src/status/health-server.ts';
import { toHealthSnapshot } from '../../src/status/health.ts';
import { LISTEN_RETRY_MS, startHttpService } from '../../src/status/http-service.ts';
import type { HttpService } from '../../src/status/http-service.ts';
import { createMetricsServer } from '../../src/status/metrics-server.ts';
import { createMetrics } from '../../src/status/metrics.ts';
import type { DaemonStatus } from '../../src/status/status-snapshot.ts';
import { createManualClock } from './manual-clock.ts';
import { createRecordingLogger } from './recording-logger.ts';
import { failed, NOW, SAMPLE } from './sample-status.ts';

const HOST = '127.0.0.1';

interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly body: string;
}

async function get(service: HttpService, path: string, method = 'GET'): Promise<Answer> {
  const response = await fetch(`http://${service.address() ?? assert.fail()}${path}`, { method });
  const type = response.headers.get('content-type');
  return { status: response.status, type, body: await response.text() };
}

describe('createHealthServer', () => {
  let status: DaemonStatus = SAMPLE;
  let server: HttpService;

  beforeEach(async () => {
    status = SAMPLE;
    const snapshot = (): ReturnType<typeof toHealthSnapshot> => toHealthSnapshot(status, NOW);
    const ports = { clock: createManualClock(), logger: silentLogger };
    server = createHealthServer({ host: HOST, port: 0, snapshot }, ports);
    await server.started;
  });
  afterEach(() => server.close());

  it('answers 200 with a table in plain text', async () => {
    const { status: code, type, body } = await get(server, '/readiness');
    assert.equal(code, 200);
    assert.equal(type, 'text/plain; charset=utf-8');
    assert.match(body, /^REPORTER {3}LIVE {2}READY {2}DETAIL\n/);
  });

  it('asks for the state anew each time, readiness apart from liveness', async () => {
    status = failed('busy');
    assert.equal((await get(server, '/readiness')).status, 503);
    assert.equal((await get(server, '/liveness')).status, 200);
    status = { ...SAMPLE, applyingSince: NOW - 3_600_000 };
    assert.equal((await get(server, '/liveness')).status, 503);
    status = SAMPLE;
    assert.equal((await get(server, '/readiness')).status, 200);
  });

  it('ignores a query and answers HEAD without a body', async () => {
    assert.equal((await get(server, '/liveness?verbose')).status, 200);
    assert.deepEqual((await get(server, '/liveness', 'HEAD')).body, '');
  });

  it('knows no other path and no other method', async () => {
    const { status: code, body } = await get(server, '/');
    assert.equal(code, 404);
    assert.equal(body, 'Not found. Try /liveness or /readiness.\n');
    assert.equal((await get(server, '/liveness', 'POST')).status, 405);
  });

  it('answers 500 when the state cannot be told', async () => {
    const snapshot = (): never => {
      throw new Error('broken');
    };
    const ports = { clock: createManualClock(), logger: silentLogger };
    const broken = createHealthServer({ host: HOST, port: 0, snapshot }, ports);
    await broken.started;
    const { status: code, body } = await get(broken, '/readiness');
    await broken.close();
    assert.equal(code, 500);
    assert.equal(body, 'broken\n');
  });
});

describe('createMetricsServer', () => {
  it('serves the metrics as Prometheus wants them', async () => {
    const metrics = createMetrics({
      status: () => SAMPLE,
      now: () => NOW,
      hasProcessMetrics: false,
    });
    const ports = { clock: createManualClock(), logger: silentLogger };
    const server = createMetricsServer({ host: HOST, port: 0, metrics }, ports);
    await server.started;
    const { status: code, type, body } = await get(server, '/metrics');
    await server.close();
    assert.equal(code, 200);
    assert.match(type ?? '', /^text\/plain; version=0\.0\.4/);
    assert.match(body, /^rampart_in_sync 1$/m);
  });
});

describe('startHttpService', () => {
  const routes = new Map([
    ['/', () => ({ status: 200, contentType: 'text/plain', body: 'hello' })],
  ]);

  async function occupy(): Promise<{ port: number; free: () => Promise<void> }> {
    const squatter = createServer();
    squatter.listen(0, HOST);
    await once(squatter, 'listening');
    const { port } = squatter.address() as AddressInfo;
    return {
      port,
      free: async () => {
        squatter.close();
        await once(squatter, 'close');
      },
    };
  }

  it('does not throw when the port is taken, says so once, and takes it when it is free', async () => {
    const { port, free } = await occupy();
    const clock = createManualClock();
    const logger = createRecordingLogger();
    const service = startHttpService(
      { name: 'health', host: HOST, port, routes },
      { clock, logger },
    );
    await service.started;
    assert.equal(service.address(), null);
    assert.match(
      service.fault() ?? '',
      new RegExp(`^The health server cannot listen on 127\\.0\\.0\\.1 port ${port}: .*EADDRINUSE`),
    );
    await free();
    clock.advance(LISTEN_RETRY_MS);
    while (service.address() === null) await new Promise((resolve) => setImmediate(resolve));
    assert.equal(service.address(), `${HOST}:${port}`);
    assert.equal(service.fault(), null);
    await service.close();
    assert.deepEqual(logger.lines, ['error cannot listen', 'info listening']);
  });

  it('reports a host that is not of this machine', async () => {
    const ports = { clock: createManualClock(), logger: silentLogger };
    const service = startHttpService(
      { name: 'metrics', host: '203.0.113.1', port: 0, routes },
      ports,
    );
    await service.started;
    assert.match(
      service.fault() ?? '',
      /^The metrics server cannot listen on 203\.0\.113\.1 port 0: /,
    );
    await service.close();
  });

  it('does not try again after close', async () => {
    const { port, free } = await occupy();
    const clock = createManualClock();
    const ports = { clock, logger: silentLogger };
    const service = startHttpService({ name: 'health', host: HOST, port, routes }, ports);
    await service.started;
    await service.close();
    await free();
    assert.equal(clock.pending(), 0);
  });

  it('closes connections that are still open', async () => {
    const ports = { clock: createManualClock(), logger: silentLogger };
    const service = startHttpService({ name: 'health', host: HOST, port: 0, routes }, ports);
    await service.started;
    const port = Number(service.address()?.split(':').at(-1));
    const idle = connect(port, HOST);
    await once(idle, 'connect');
    idle.on('error', () => undefined);
    const gone = once(idle, 'close');
    await service.close();
    await gone;
    assert.equal(service.address(), null);
  });

  it('writes IPv6 addresses in brackets', async () => {
    const probe = createTcpServer();
    probe.listen(0, '::1');
    const hasIpv6 = await Promise.race([
      once(probe, 'listening').then(() => true),
      once(probe, 'error').then(() => false),
    ]).catch(() => false);
    probe.close();
    const host = hasIpv6 ? '::1' : HOST;
    const ports = { clock: createManualClock(), logger: silentLogger };
    const service = startHttpService({ name: 'health', host, port: 0, routes }, ports);
    await service.started;
    assert.match(service.address() ?? '', hasIpv6 ? /^\[::1\]:\d+$/ : /^127\.0\.0\.1:\d+$/);
    await service.close();
  });
});
