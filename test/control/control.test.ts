import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { silentLogger } from '../../src/base/logger.ts';
import { createControlClient } from '../../src/control/client.ts';
import type { ControlClient } from '../../src/control/client.ts';
import type { ControlHandler } from '../../src/control/handler.ts';
import { BODY_LIMIT } from '../../src/control/read-body.ts';
import { PATHS } from '../../src/control/routes.ts';
import { ANSWER_LIMIT_MS, SOCKET_RETRY_MS, startControlServer } from '../../src/control/server.ts';
import type { ControlServer } from '../../src/control/server.ts';
import { createManualClock } from '../status/manual-clock.ts';
import { handlerWith, STATUS } from './recording-handler.ts';

describe('the local API', () => {
  let directory = '';
  let path = '';
  let clock: ReturnType<typeof createManualClock>;
  let client: ControlClient;
  let agent: Agent;
  const servers: ControlServer[] = [];

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'rampart-control-'));
    path = join(directory, 'rampartd.sock');
    clock = createManualClock();
    client = createControlClient(path);
    agent = new Agent({ keepAlive: true });
  });
  afterEach(async () => {
    client.close();
    agent.destroy();
    for (const server of servers.splice(0)) await server.close();
    rmSync(directory, { recursive: true });
  });

  async function serve(
    changes: Partial<ControlHandler> = {},
    group: string | null = null,
  ): Promise<ControlServer> {
    const ports = { handler: handlerWith(changes), clock, logger: silentLogger };
    const server = startControlServer({ path, group }, ports);
    servers.push(server);
    await server.started;
    return server;
  }

  async function ask(
    method: string,
    resource: string,
    body = '',
  ): Promise<{ readonly status: number | undefined; readonly answer: unknown }> {
    const headers = { 'Content-Length': Buffer.byteLength(body) };
    const asked = request({ socketPath: path, method, path: resource, headers, agent });
    asked.end(body);
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: response.statusCode, answer: JSON.parse(await text(response)) as unknown };
  }

  it('answers what the handler says, on a socket that only root may use', async () => {
    const server = await serve();
    assert.deepEqual(await client.status(), STATUS);
    assert.equal(statSync(path).mode & 0o7777, 0o600);
    assert.equal(server.fault(), null);
  });

  it('hands over bodies and names', async () => {
    const heard: unknown[] = [];
    await serve({
      explain: (body) => {
        heard.push(body);
        return Promise.reject(new Error('enough'));
      },
      set: (name) => ({
        ...{ id: name, kind: 'selector', description: '' },
        ...{ members: { ipv4: 0, ipv6: 0 }, ipv4: [], ipv6: [] },
      }),
    });
    await assert.rejects(client.explain({ path: 'input' }), { code: 'failed', message: 'enough' });
    assert.deepEqual(heard, [{ packet: { path: 'input' } }]);
    assert.equal((await client.set('a/b c')).id, 'a/b c');
  });

  it('passes on why a request is refused', async () => {
    await serve();
    const refusal = { code: 'not-applied-yet', message: 'nothing was applied yet' };
    await assert.rejects(client.desired(), refusal);
    await assert.rejects(client.reapply(), refusal);
  });

  it('names what it knows when it is asked for something else', async () => {
    await serve();
    const unknown = await ask('GET', '/v2/status');
    assert.equal(unknown.status, 404);
    assert.match(JSON.stringify(unknown.answer), /Known: \/v1\/status, /);
    assert.equal((await ask('POST', '/v1/status')).status, 405);
    assert.equal((await ask('GET', '/v1/sets/%')).status, 400);
  });

  it('refuses bodies that are no JSON, or too long', async () => {
    await serve();
    assert.equal((await ask('POST', '/v1/explain', '{')).status, 400);
    const long = ask('POST', '/v1/explain', ' '.repeat(BODY_LIMIT + 1));
    assert.equal((await long).status, 413);
    assert.deepEqual(await client.status(), STATUS);
  });

  it('gives up on an answer that does not come', async () => {
    let wasAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (wasAsked = resolve));
    await serve({
      reapply: () => {
        wasAsked();
        return new Promise(() => undefined);
      },
    });
    const answer = client.reapply();
    await asked;
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(ANSWER_LIMIT_MS);
    await assert.rejects(answer, { code: 'too-slow' });
  });

  it('takes the place of a socket on which nobody answers, and of no other', async () => {
    const dead = createServer();
    dead.listen(path);
    await once(dead, 'listening');
    const first = startControlServer(
      { path, group: null },
      { handler: handlerWith(), clock, logger: silentLogger },
    );
    await first.started;
    assert.match(first.fault() ?? '', /another rampartd answers/);
    dead.close();
    await once(dead, 'close');
    clock.advance(SOCKET_RETRY_MS);
    await first.close();
    writeFileSync(path, 'precious');
    const second = await serve();
    assert.match(second.fault() ?? '', /is not a socket/);
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });

  it('takes the place of the socket that a killed process left', async () => {
    const die = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    spawnSync(process.execPath, ['-e', die, path]);
    assert.equal(existsSync(path), true);
    const server = await serve();
    assert.equal(server.fault(), null);
    assert.deepEqual(await client.status(), STATUS);
  });

  it('removes its socket when it stops', async () => {
    const server = await serve();
    await client.status();
    await server.close();
    assert.equal(existsSync(path), false);
  });

  it('lets a group in, and says so when it cannot', async () => {
    chmodSync(directory, 0o700);
    const gid = process.getgid?.() ?? 0;
    const server = await serve({}, String(gid));
    assert.equal(server.fault(), null);
    assert.equal(statSync(path).mode & 0o7777, 0o660);
    assert.equal(statSync(directory).mode & 0o7777, 0o710);
    await server.close();
    const other = await serve({}, 'no-such-group-here');
    assert.match(other.fault() ?? '', /there is no group no-such-group-here/);
    assert.deepEqual(await client.status(), STATUS);
  });

  it('tells a daemon that does not run from one that does not answer', async () => {
    await assert.rejects(client.status(), {
      code: 'daemon-not-running',
      message: /systemctl start rampart/,
    });
    const mute = createServer((socket) => socket.resume());
    mute.listen(path);
    await once(mute, 'listening');
    const impatient = createControlClient(path, 20);
    await assert.rejects(impatient.status(), { code: 'daemon-unreachable' });
    impatient.close();
    const closed = once(mute, 'close');
    mute.close();
    await closed;
  });

  it('is documented in full', () => {
    const page = readFileSync('docs/local-api.md', 'utf8');
    const rows = [...page.matchAll(/^\| `(GET|POST) (\S+)` \|/gm)].map(([, method, one]) => [
      one,
      method,
    ]);
    const routes = PATHS.flatMap(([one, methods]) => methods.map((method) => [one, method]));
    assert.deepEqual(new Set(rows.map(String)), new Set(routes.map(String)));
  });
});
