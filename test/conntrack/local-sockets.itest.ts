import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { Flow } from '../../src/conntrack/conntrack.ts';
import { createLocalSockets } from '../../src/conntrack/local-sockets.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { exampleFlow, tuple } from './example-flow.ts';

describeInNamespace('createLocalSockets', () => {
  const sockets = createLocalSockets();
  let server: Server;
  let accepted: Socket;
  let client: Socket;

  before(() => {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
  });
  after(async () => {
    await sockets.close();
    execFileSync('ip', ['link', 'set', 'lo', 'down']);
  });
  afterEach(() => {
    client.destroy();
    accepted.destroy();
    server.close();
  });

  async function talk(host: string, listen: string): Promise<Flow> {
    server = createServer();
    server.listen(0, listen);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const arrived = once(server, 'connection');
    client = connect(port, host);
    client.on('error', () => undefined);
    await once(client, 'connect');
    [accepted] = (await arrived) as [Socket];
    accepted.on('error', () => undefined);
    const own = { source: host, sourcePort: client.localPort ?? 0 };
    const theirs = { destination: host, destinationPort: port };
    return exampleFlow({
      family: host.includes(':') ? 6 : 4,
      original: tuple({ ...own, ...theirs }),
      reply: tuple({
        ...{ source: host, sourcePort: port },
        ...{ destination: host, destinationPort: own.sourcePort },
      }),
    });
  }

  for (const [host, listen] of [
    ['127.0.0.1', '127.0.0.1'],
    ['127.0.0.1', '::'],
    ['::1', '::'],
  ] as const)
    it(`closes a connection to ${host} of a server on ${listen}, which goes on listening`, async () => {
      const flow = await talk(host, listen);
      const ended = new Promise((resolve) => accepted.once('close', resolve));
      assert.equal(await sockets.abort(flow), true);
      await ended;
      const { port } = server.address() as AddressInfo;
      const again = connect(port, host);
      await once(again, 'connect');
      again.destroy();
    });

  it('leaves the listening socket alone when there is no connection', async () => {
    const flow = await talk('127.0.0.1', '127.0.0.1');
    const others = { sourcePort: 1, destinationPort: flow.original.destinationPort };
    const original = tuple({ source: '127.0.0.1', destination: '127.0.0.1', ...others });
    const reply = tuple({
      ...{ source: '127.0.0.1', sourcePort: flow.original.destinationPort },
      ...{ destination: '127.0.0.1', destinationPort: 1 },
    });
    assert.equal(await sockets.abort(exampleFlow({ original, reply })), false);
    client.write('x');
    await once(accepted, 'data');
    const again = connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(again, 'connect');
    again.destroy();
  });

  it('knows only TCP', async () => {
    const flow = await talk('127.0.0.1', '127.0.0.1');
    assert.equal(await sockets.abort({ ...flow, protocol: 17 }), false);
  });

  it('rejects once closed', async () => {
    const flow = await talk('127.0.0.1', '127.0.0.1');
    const closed = createLocalSockets();
    await closed.close();
    await assert.rejects(closed.abort(flow), { code: 'sockets-closed' });
  });
});
