import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { parseAttributes, parseMessages } from '../../src/netlink/message.ts';
import { openNetlink } from '../../src/netlink/netlink-socket.ts';
import type { NetlinkOptions, NetlinkSocket } from '../../src/netlink/netlink-socket.ts';
import { describeInNamespace } from './describe-in-namespace.ts';

const NETLINK_ROUTE = 0;
const RTNLGRP_LINK = 1;
const RTM_NEWLINK = 16;
const RTM_DELLINK = 17;
const RTM_GETLINK = 18;
const IFLA_IFNAME = 3;
const NLM_F_DUMP = 0x300;
const LINK_HEADER = 16;

const run = promisify(execFile);

describeInNamespace('openNetlink', () => {
  const open: NetlinkSocket[] = [];

  afterEach(() => {
    for (const socket of open.splice(0)) socket.close();
  });

  async function openRoute(options: Partial<NetlinkOptions> = {}): Promise<NetlinkSocket> {
    const socket = await openNetlink({ protocol: NETLINK_ROUTE, groups: [], ...options });
    open.push(socket);
    return socket;
  }

  function dumpLinkNames(socket: NetlinkSocket): Promise<readonly string[]> {
    return socket
      .request(RTM_GETLINK, NLM_F_DUMP, Buffer.alloc(LINK_HEADER))
      .then((links) => links.map((link) => nameOf(link.payload)));
  }

  it('lists what a dump request asks for', async () => {
    const names = await dumpLinkNames(await openRoute());
    assert.ok(names.includes('lo'), `lo is missing from ${names.join(' ')}`);
  });

  it('answers requests made at the same time one after another, each with its own answer', async () => {
    const socket = await openRoute();
    const answers = await Promise.all(Array.from({ length: 20 }, () => dumpLinkNames(socket)));
    for (const names of answers) assert.deepEqual(names, answers[0]);
  });

  it("rejects with the errno's name when the kernel refuses, and goes on", async () => {
    const socket = await openRoute();
    const noSuchLink = Buffer.alloc(LINK_HEADER);
    noSuchLink.writeInt32LE(4_000_000, 4);
    await assert.rejects(socket.request(RTM_DELLINK, 0, noSuchLink), { code: 'ENODEV' });
    assert.ok((await dumpLinkNames(socket)).length > 0);
  });

  it('rejects when a protocol does not exist', async () => {
    await assert.rejects(openNetlink({ protocol: 31, groups: [] }), { code: 'EPROTONOSUPPORT' });
  });

  it('delivers multicast events while the socket is open', async () => {
    const socket = await openRoute({ groups: [RTNLGRP_LINK] });
    const seen = new Promise<void>((resolve) => {
      socket.onMessages((datagram) => {
        for (const message of parseMessages(datagram))
          if (message.type === RTM_NEWLINK && nameOf(message.payload) === 'nl-event') resolve();
      });
    });
    await run('ip', ['link', 'add', 'nl-event', 'type', 'veth', 'peer', 'name', 'nl-event-p']);
    await seen;
    await run('ip', ['link', 'del', 'nl-event']);
    assert.ok(socket.portId > 0);
  });

  it('reports an overrun and hears events again afterwards', async () => {
    const socket = await openRoute({ groups: [RTNLGRP_LINK], receiveBufferBytes: 4096 });
    const overrun = new Promise<void>((resolve) => {
      socket.onOverrun(resolve);
    });
    // Synchronous on purpose: the event loop cannot read the socket meanwhile.
    flapLinkSynchronously(50);
    await overrun;
    await setImmediatePromise();
    const event = new Promise<void>((resolve) => {
      socket.onMessages(() => {
        resolve();
      });
    });
    await run('ip', ['link', 'set', 'lo', 'mtu', '60000']);
    await event;
    assert.ok((await dumpLinkNames(socket)).includes('lo'));
  });

  it('starts no thread, however many sockets are open', async () => {
    await openRoute();
    const before = threadCount();
    for (let i = 0; i < 10; i++) await openRoute({ groups: [RTNLGRP_LINK] });
    assert.equal(threadCount(), before);
  });

  it('rejects requests under way and later ones once closed', async () => {
    const socket = await openRoute();
    const underWay = dumpLinkNames(socket);
    const rejected = assert.rejects(underWay, { code: 'netlink-closed' });
    await Promise.resolve();
    socket.close();
    socket.close();
    await rejected;
    await assert.rejects(dumpLinkNames(socket), { code: 'netlink-closed' });
  });

  it('leaves no descriptor behind', async () => {
    (await openRoute()).close();
    const before = descriptorCount();
    for (let i = 0; i < 50; i++) (await openRoute()).close();
    assert.equal(descriptorCount(), before);
  });

  it('lets the process end after close, and not before', async function () {
    this.timeout(20_000);
    const module = new URL('../../src/netlink/netlink-socket.ts', import.meta.url).href;
    const script = `
      import { openNetlink } from ${JSON.stringify(module)};
      const socket = await openNetlink({ protocol: 0, groups: [1] });
      process.stdin.once('data', () => { socket.close(); process.stdin.destroy(); });
      process.stdout.write('open');
      process.stdin.unref();
    `;
    const child = execFile(process.execPath, [
      '--import=tsx',
      '--input-type=module',
      '--eval',
      script,
    ]);
    const exit = once(child, 'exit');
    assert.ok(child.stdout !== null && child.stdin !== null);
    await once(child.stdout, 'data');
    assert.equal(child.exitCode, null);
    child.stdin.write('close\n');
    assert.deepEqual(await exit, [0, null]);
  });
});

function nameOf(payload: Buffer): string {
  const name = parseAttributes(payload.subarray(LINK_HEADER)).get(IFLA_IFNAME);
  return name === undefined ? '' : name.toString('utf8').replace(/\0$/, '');
}

function flapLinkSynchronously(times: number): void {
  const batch = Array.from({ length: times }, (_, i) => `link set lo mtu ${String(50_000 + i)}\n`);
  execFileSync('ip', ['-batch', '-'], { input: batch.join('') });
}

function setImmediatePromise(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function threadCount(): number {
  return readdirSync('/proc/self/task').length;
}

function descriptorCount(): number {
  return readdirSync('/proc/self/fd').length;
}
