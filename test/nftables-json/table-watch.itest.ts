import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../src/base/logger.ts';
import { openBatchSocket } from '../../src/netlink/batch-socket.ts';
import type { BatchSocket } from '../../src/netlink/batch-socket.ts';
import { loadLibc } from '../../src/netlink/libc.ts';
import type { SocketOption } from '../../src/netlink/libc.ts';
import { parseMessages } from '../../src/netlink/message.ts';
import { openNetlink } from '../../src/netlink/netlink-socket.ts';
import type { UnwantedMessages } from '../../src/netlink/netlink-socket.ts';
import { NETLINK } from '../../src/netlink/protocols.ts';
import { openBatchRunner } from '../../src/nftables-json/batch-runner.ts';
import type { BatchRunner } from '../../src/nftables-json/batch-runner.ts';
import { createNftables } from '../../src/nftables-json/create-nftables.ts';
import { encodeBatch } from '../../src/nftables-json/encode-batch.ts';
import { KernelNftables } from '../../src/nftables-json/kernel-nftables.ts';
import { openLibraryRunner } from '../../src/nftables-json/library-runner.ts';
import {
  GENERATION_REQUEST,
  GET_GENERATION,
  NEW_GENERATION,
  NFNLGRP_NFTABLES,
} from '../../src/nftables-json/nf-tables-events.ts';
import { openLibraryNftables } from '../../src/nftables-json/library-nftables.ts';
import type { ForeignChange, Nftables } from '../../src/nftables-json/nftables.ts';
import type { Transaction } from '../../src/ruleset/transaction.ts';
import { netfilterSockets } from './netfilter-sockets.ts';
import type { NetfilterSocket } from './netfilter-sockets.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { HASH4, NETS4 } from './samples.ts';
import { nft, realClock } from './test-system.ts';

const SO_RCVBUF = { level: 1, name: 8 };
const NETLINK_ADD_MEMBERSHIP = { level: 270, name: 1 };
const NETLINK_DROP_MEMBERSHIP = { level: 270, name: 2 };
const NEW_CHAIN = 0x0a03;
const NEW_ELEMENTS = 0x0a0c;

describeInOwnNamespace('the watch of the table', () => {
  let nftables: Nftables;
  let heard: ForeignChange[] = [];

  beforeEach(async () => {
    heard = [];
    nftables = await openLibraryNftables({ logger: silentLogger, clock: realClock });
    nftables.watch((change) => heard.push(change));
    await nftables.apply([{ op: 'add-table' }, { op: 'add-chain', name: 'one', base: null }]);
  });
  afterEach(async () => {
    await nftables.apply([{ op: 'add-table' }, { op: 'delete-table' }]);
    await nftables.close();
    spawnSync('nft', ['flush', 'ruleset']);
  });

  let watch: NetfilterSocket | undefined;

  async function setOnWatch(option: SocketOption, value: number): Promise<void> {
    watch = netfilterSockets().find(({ isListening }) => isListening) ?? watch;
    assert.ok(watch !== undefined);
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    assert.equal((await loadLibc()).setsockopt(watch.fd, option, bytes), 0);
  }

  it('knows that it heard of everything, our own changes and other tables included', async () => {
    assert.equal(await nftables.verify(), 'heard');
    for (let i = 0; i < 20; i++) {
      await nftables.apply([{ op: 'add-counter', name: `c${i}` }]);
      nft('add', 'table', 'ip', `other${i}`);
      nft('add', 'chain', 'inet', 'rampart', `foreign${i}`);
      assert.equal(await nftables.verify(), 'heard');
    }
    assert.equal(heard.length, 20);
  });

  it('finds out that changes went unheard, says so once, and goes on hearing', async () => {
    await setOnWatch(NETLINK_DROP_MEMBERSHIP, NFNLGRP_NFTABLES);
    nft('add', 'chain', 'inet', 'rampart', 'foreign');
    await setOnWatch(NETLINK_ADD_MEMBERSHIP, NFNLGRP_NFTABLES);
    assert.deepEqual([await nftables.verify(), await nftables.verify()], ['missed', 'heard']);
    assert.deepEqual(heard, []);
  });

  it('tells when the kernel dropped notifications for want of room', async () => {
    await setOnWatch(SO_RCVBUF, 1);
    const told = new Promise<ForeignChange>((resolve) => nftables.watch(resolve));
    const rules = Array.from({ length: 500 }, () => 'add rule inet rampart one counter');
    // While this runs nobody reads the socket.
    assert.equal(spawnSync('nft', ['-f', '-'], { input: rules.join('\n') }).status, 0);
    assert.match((await told).what, /notifications were lost/);
    await setOnWatch(SO_RCVBUF, 1_000_000);
    await nftables.verify();
    nft('add', 'chain', 'inet', 'rampart', 'foreign');
    assert.equal(await nftables.verify(), 'heard');
  });
});

describeInOwnNamespace('a netlink socket that was told too much', () => {
  after(() => {
    spawnSync('nft', ['flush', 'ruleset']);
  });

  it('answers what is asked of it as soon as it says so', async () => {
    const socket = await openNetlink({
      protocol: NETLINK.netfilter,
      groups: [NFNLGRP_NFTABLES],
      receiveBufferBytes: 256 * 1024,
    });
    try {
      const answered = new Promise((resolve) => {
        socket.onOverrun(() => {
          resolve(socket.request(GET_GENERATION, 0, GENERATION_REQUEST));
        });
      });
      const rules = Array.from({ length: 20_000 }, () => 'add rule inet rampart one counter');
      const input = ['add table inet rampart', 'add chain inet rampart one', ...rules].join('\n');
      // While this runs nobody reads the socket.
      assert.equal(spawnSync('nft', ['-f', '-'], { input }).status, 0);
      assert.equal(((await answered) as readonly unknown[]).length, 1);
    } finally {
      socket.close();
    }
  });
});

describeInOwnNamespace('notifications of a batch', () => {
  const BATCH = [
    { op: 'add-table' },
    { op: 'add-elements', set: NETS4, elements: ['192.0.2.0/24', '198.51.100.0/24'] },
  ] as const satisfies Transaction;
  let batches: BatchSocket;

  beforeEach(async () => {
    batches = await openBatchSocket(NETLINK.netfilter, realClock);
  });
  afterEach(() => {
    batches.close();
    spawnSync('nft', ['flush', 'ruleset']);
  });

  /** The types of the messages that a socket hears until it has heard of so many transactions. */
  async function typesHeard(
    unwanted: UnwantedMessages | null,
    transactions: readonly (() => unknown)[],
  ): Promise<ReadonlySet<number>> {
    const groups = [NFNLGRP_NFTABLES];
    const socket = await openNetlink({ protocol: NETLINK.netfilter, groups, unwanted });
    const heard: number[] = [];
    const ended = new Promise((resolve) => {
      socket.onMessages((datagram) => {
        heard.push(...parseMessages(datagram).map(({ type }) => type));
        const ends = heard.filter((type) => type === NEW_GENERATION);
        if (ends.length === transactions.length) resolve(undefined);
      });
    });
    for (const transaction of transactions) await transaction();
    await ended;
    socket.close();
    return new Set(heard);
  }

  const send = (): Promise<unknown> => {
    const pieces = encodeBatch(BATCH);
    let piece = pieces.next();
    while (piece.done !== true) piece = pieces.next();
    return batches.send(piece.value.bytes);
  };
  const addChain = (): unknown => nft('add', 'chain', 'inet', 'rampart', 'foreign');

  it('are not delivered to whoever does not want them, but for their end', async () => {
    const unwanted = { portId: batches.portId, exceptType: NEW_GENERATION };
    assert.ok((await typesHeard(null, [send])).has(NEW_ELEMENTS));
    assert.deepEqual(await typesHeard(unwanted, [send]), new Set([NEW_GENERATION]));
    const others = await typesHeard(unwanted, [send, addChain]);
    assert.deepEqual(others, new Set([NEW_GENERATION, NEW_CHAIN]));
  });

  it('are heard of by the watch as a generation', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'rampart-watch-'));
    const place = { runDir: directory, stateDir: directory, transport: 'library' } as const;
    const nftables = await createNftables({ ...place, logger: silentLogger, clock: realClock });
    const heard: ForeignChange[] = [];
    nftables.watch((change) => heard.push(change));
    try {
      for (let i = 0; i < 5; i++) {
        await nftables.apply(BATCH);
        assert.equal(await nftables.verify(), 'heard');
      }
      assert.deepEqual(heard, []);
      addChain();
      assert.equal(await nftables.verify(), 'heard');
      assert.deepEqual(
        heard.map(({ what }) => what),
        ['chain foreign added or changed'],
      );
    } finally {
      await nftables.close();
      rmSync(directory, { recursive: true });
    }
  });
});

describeInOwnNamespace('a large batch', () => {
  const ELEMENTS = Array.from({ length: 5000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
  const LARGE = [
    { op: 'add-table' },
    { op: 'add-elements', set: HASH4, elements: ELEMENTS },
  ] as const satisfies Transaction;
  const UNHEARD = 'changes of nftables went unheard';

  let nftables: Nftables;
  let heard: string[] = [];
  let before = (): void => undefined;
  let after = (): void => undefined;

  beforeEach(async () => {
    heard = [];
    before = () => undefined;
    after = () => undefined;
    const options = { logger: silentLogger, clock: realClock };
    const batches = await openBatchRunner(options);
    assert.ok(batches !== null);
    const runner = await openLibraryRunner(
      { enter: () => undefined, leave: () => undefined },
      silentLogger,
    );
    const run: BatchRunner['run'] = async (batch, takesLong) => {
      before();
      const outcome = await batches.run(batch, takesLong);
      after();
      return outcome;
    };
    nftables = new KernelNftables(runner, options, { ...batches, run });
    nftables.watch(({ what }) => heard.push(what));
    await nftables.apply([{ op: 'add-table' }, { op: 'add-chain', name: 'one', base: null }]);
  });
  afterEach(async () => {
    await nftables.close();
    spawnSync('nft', ['flush', 'ruleset']);
  });

  const isListening = (): boolean => netfilterSockets().some((one) => one.isListening);
  const addChain = (name: string): void => {
    nft('add', 'chain', 'inet', 'rampart', name);
  };

  it('goes to the kernel while nobody listens, and what others do later is heard', async () => {
    const listening: boolean[] = [];
    before = () => {
      listening.push(isListening());
    };
    await nftables.apply(LARGE);
    await nftables.apply([{ op: 'add-counter', name: 'small' }]);
    assert.deepEqual(listening, [false, true]);
    assert.equal(await nftables.verify(), 'heard');
    assert.deepEqual(heard, []);
    addChain('foreign');
    assert.equal(await nftables.verify(), 'heard');
    assert.deepEqual(heard, ['chain foreign added or changed']);
  });

  for (const when of ['before', 'after'] as const) {
    it(`finds out what others did ${when} it, and listens to the next ones`, async () => {
      const change = (): void => {
        addChain('foreign');
      };
      if (when === 'before') before = change;
      else after = change;
      await nftables.apply(LARGE);
      assert.equal(await nftables.verify(), 'heard');
      assert.deepEqual(heard, [UNHEARD]);
      before = () => undefined;
      after = () => {
        assert.ok(isListening());
        addChain('another');
      };
      await nftables.apply(LARGE);
      assert.equal(await nftables.verify(), 'heard');
      assert.deepEqual(heard.slice(1), ['chain another added or changed']);
    });
  }

  it('is written although the watch cannot cease to listen, and has to be opened anew', async () => {
    const watch = netfilterSockets().find((one) => one.isListening);
    assert.ok(watch !== undefined);
    const nothing = openSync('/dev/null', 'r');
    const koffi = await import('koffi');
    const dup2 = koffi.load(null).func('int dup2(int from, int to)') as (
      a: number,
      b: number,
    ) => number;
    assert.equal(dup2(nothing, watch.fd), watch.fd);
    closeSync(nothing);
    await nftables.apply(LARGE);
    const states = [await nftables.verify(), await nftables.verify(), await nftables.verify()];
    assert.deepEqual(states, ['unwatched', 'missed', 'heard']);
  });

  it('that is refused, or that nobody knows the outcome of, leaves nothing unheard', async () => {
    await assert.rejects(nftables.apply([...LARGE, { op: 'delete-chain', name: 'none' }]));
    assert.equal(await nftables.verify(), 'heard');
    assert.equal(heard.length, 0);
    after = () => {
      throw new Error('gone');
    };
    await assert.rejects(nftables.apply(LARGE), /gone/);
    after = () => undefined;
    assert.equal(await nftables.verify(), 'heard');
    assert.deepEqual(heard, [UNHEARD]);
    addChain('foreign');
    assert.equal(await nftables.verify(), 'heard');
    assert.equal(heard.at(-1), 'chain foreign added or changed');
  });
});
