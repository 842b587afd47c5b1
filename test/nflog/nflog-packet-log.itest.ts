import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createNflogPacketLog } from '../../src/nflog/nflog-packet-log.ts';
import { describeInNamespace } from '../netlink/describe-in-namespace.ts';
import { ear, GROUP, itKeepsThePacketLogContract, TAKEN_GROUP } from './packet-log-contract.ts';
import type { PacketLogRig } from './packet-log-contract.ts';

const FLOOD_PORT = 4999;

describeInNamespace('createNflogPacketLog', () => {
  let holder: { end(): Promise<void> };

  before(async () => {
    execFileSync('ip', ['link', 'set', 'lo', 'up']);
    holder = await holdElsewhere(TAKEN_GROUP);
  });

  after(async () => {
    await holder.end();
    execFileSync('ip', ['link', 'set', 'lo', 'down']);
  });

  describe('as every PacketLog', () => {
    itKeepsThePacketLogContract(() => Promise.resolve(kernelRig()));
  });

  it('reads IPv6, TCP flags, ICMP and the mark, in every hook', async () => {
    const rig = kernelRig();
    nft(`table inet hooks {
      chain pre {
        type filter hook prerouting priority -300
        meta mark set 0x2a log group ${GROUP} prefix "pre"
      }
      chain out {
        type filter hook output priority 0
        log group ${GROUP} prefix "out"
      }
      chain post {
        type filter hook postrouting priority 0
        log group ${GROUP} prefix "post"
      }
    }`);
    try {
      const listener = ear();
      await rig.log.open(GROUP, listener);
      execFileSync('ping', ['-c', '1', '-W', '2', '::1']);
      const [request, , arrived] = await listener.heard(3);
      assert.deepEqual(
        [request?.prefix, request?.hook, request?.oifname, request?.iifname],
        ['out', 'output', 'lo', ''],
      );
      assert.deepEqual(
        [request?.family, request?.source, request?.protocol, request?.icmpType],
        [6, '::1', 58, 128],
      );
      assert.deepEqual(
        [arrived?.prefix, arrived?.hook, arrived?.iifname, arrived?.mark],
        ['pre', 'prerouting', 'lo', 0x2a],
      );
      const socket = connect(1, '127.0.0.1');
      await once(socket, 'error');
      await waitFor(listener, ({ protocol }) => protocol === 6);
      const syn = listener.packets.find(({ protocol }) => protocol === 6);
      assert.deepEqual(syn?.tcpFlags, ['syn']);
      assert.equal(syn.destinationPort, 1);
    } finally {
      nft('delete table inet hooks');
      rig.log.close();
      await rig.dispose();
    }
  });

  it('counts exactly what was lost', async () => {
    const rig = kernelRig();
    try {
      const listener = ear('one');
      await rig.log.open(GROUP, listener);
      await rig.flood();
      const passed = counted();
      await listener.missed();
      await rig.send(4007, ['one ']);
      await waitFor(listener, ({ destinationPort }) => destinationPort === 4007);
      const heard = listener.packets.filter(
        ({ destinationPort }) => destinationPort === FLOOD_PORT,
      );
      assert.equal(heard.length + listener.lost, passed);
    } finally {
      rig.log.close();
      await rig.dispose();
    }
  });
});

async function waitFor(
  listener: ReturnType<typeof ear>,
  isIt: (packet: (typeof listener.packets)[number]) => boolean,
): Promise<void> {
  while (!listener.packets.some(isIt)) await listener.heard(listener.packets.length + 1);
}

function nft(script: string): string {
  return execFileSync('nft', ['-f', '-'], { input: script, encoding: 'utf8' });
}

function counted(): number {
  const text = execFileSync('nft', ['list', 'counter', 'inet', 'watched', 'flooded'], {
    encoding: 'utf8',
  });
  return Number(/packets (\d+)/.exec(text)?.[1]);
}

// Once it was overrun, the kernel gives a socket nothing new until all that waits has been read.
async function drained(): Promise<void> {
  const waiting = (): boolean =>
    readFileSync('/proc/self/net/netlink', 'utf8')
      .split('\n')
      .slice(1)
      .some((line) => Number(line.trim().split(/\s+/)[4]) > 0);
  while (waiting()) await new Promise((resolve) => setImmediate(resolve));
}

/** Another process that holds a group. */
async function holdElsewhere(group: number): Promise<{ end(): Promise<void> }> {
  const module = new URL('../../src/nflog/nflog-packet-log.ts', import.meta.url).href;
  const script = `
    const { createNflogPacketLog } = await import('${module}');
    const log = createNflogPacketLog({ clock: Date, interfaceName: String });
    await log.open(${group}, { prefix: '', onPacket() {}, onLost() {} });
    console.log('held');`;
  const child = spawn(process.execPath, ['--import=tsx', '--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return {
    end: async () => {
      child.kill();
      await once(child, 'exit');
    },
  };
}

function kernelRig(): PacketLogRig {
  nft(`table inet watched {
    counter flooded { }
    chain in {
      type filter hook input priority 0;
      udp dport ${FLOOD_PORT} counter name flooded log group ${GROUP} prefix "one "
    }
  }`);
  return {
    log: createNflogPacketLog({
      clock: Date,
      interfaceName: (index) => (index === 1 ? 'lo' : `if${index}`),
    }),
    send: async (port, prefixes) => {
      await drained();
      nft(
        prefixes
          .map(
            (prefix) =>
              `add rule inet watched in udp dport ${port} log group ${GROUP} prefix "${prefix}"`,
          )
          .join('\n'),
      );
      const socket = createSocket('udp4');
      await new Promise((resolve) => {
        socket.send('x', port, '127.0.0.1', resolve);
      });
      socket.close();
    },
    // Synchronous on purpose: the event loop cannot read the socket meanwhile.
    flood: () => {
      const script = `import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for _ in range(20000): s.sendto(b'x', ('127.0.0.1', ${FLOOD_PORT}))`;
      execFileSync('python3', ['-c', script]);
      return Promise.resolve();
    },
    dispose: () => {
      nft('delete table inet watched');
      return Promise.resolve();
    },
  };
}
