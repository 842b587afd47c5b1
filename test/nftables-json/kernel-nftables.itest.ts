import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NftablesError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { createNftables } from '../../src/nftables-json/create-nftables.ts';
import { encodeTransaction } from '../../src/nftables-json/encode-transaction.ts';
import { openLibraryNftables } from '../../src/nftables-json/library-nftables.ts';
import type { Nftables } from '../../src/nftables-json/nftables.ts';
import { openProcessNftables } from '../../src/nftables-json/process-nftables.ts';
import type { Transaction } from '../../src/ruleset/transaction.ts';
import type { Subject } from './contract.ts';
import { describeContract } from './contract.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { HASH4, RULES, TABLE_SAMPLE } from './samples.ts';
import { nft, realClock } from './test-system.ts';

const options = { logger: silentLogger, clock: realClock };

describeInOwnNamespace('nftables in the kernel', () => {
  const runDir = mkdtempSync(join(tmpdir(), 'rampart-nft-'));
  const stateDir = mkdtempSync(join(tmpdir(), 'rampart-nft-state-'));
  after(() => {
    rmSync(runDir, { recursive: true });
    rmSync(stateDir, { recursive: true });
  });

  const transports: readonly (readonly [string, () => Promise<Nftables>])[] = [
    ['library', () => openLibraryNftables(options)],
    ['process', () => openProcessNftables({ ...options, runDir })],
    ['netlink', () => createNftables({ ...options, transport: 'library', runDir, stateDir })],
  ];
  for (const [transport, open] of transports) {
    describe(`by ${transport}`, () => {
      describe('keeps the promises of the port', () => {
        describeContract(async () => subjectOf(await open(), runDir));
      });

      it('names its transport and version', async () => {
        const nftables = await open();
        assert.equal(nftables.info.transport, transport === 'netlink' ? 'library' : transport);
        assert.match(nftables.info.version, /^\d+\.\d+/);
        await nftables.close();
      });

      it("says which operation was refused, in nft's words", async () => {
        const nftables = await open();
        const transaction: Transaction = [
          { op: 'add-table' },
          { op: 'add-counter', name: 'a' },
          { op: 'flush-chain', name: 'none' },
          { op: 'add-counter', name: 'b' },
        ];
        await assert.rejects(nftables.apply(transaction), (error: unknown) => {
          assert.ok(error instanceof NftablesError);
          assert.match(error.message, /^operation 3 of 4, flush-chain none: .*No such file/);
          return true;
        });
        await nftables.close();
      });

      it('reads and removes what others put into the table', async () => {
        const nftables = await open();
        nft(
          [
            'add table inet rampart',
            'add counter inet rampart hits { packets 3 bytes 180; }',
            'add map inet rampart m { type ipv4_addr : verdict; }',
            'add map inet rampart m-7 { type ipv4_addr : verdict; }',
            'add quota inet rampart q { over 10 bytes; }',
            'add limit inet rampart l { rate 5/second; }',
            'add ct helper inet rampart h { type "ftp" protocol tcp; }',
            'add ct timeout inet rampart t { protocol tcp; l3proto ip; policy = { established: 10 }; }',
            'add ct expectation inet rampart e { protocol tcp; dport 5432; timeout 1h; size 12; l3proto ip; }',
            'add synproxy inet rampart sp { mss 1460; wscale 7; timestamp sack-perm; }',
            'add set inet rampart timed { type ipv4_addr; flags timeout; }',
            'add set inet rampart macs { type ether_addr; }',
            'add chain inet rampart nat { type nat hook prerouting priority 0; }',
            'add chain inet rampart drops { type filter hook input priority 7; policy drop; }',
          ].join('\n'),
        );
        const found = await nftables.read();
        assert.ok(found !== null);
        assert.deepEqual(found.counters, [{ name: 'hits', packets: 3, bytes: 180 }]);
        assert.deepEqual(found.foreign.map(({ kind, name }) => `${kind} ${name}`).sort(), [
          'ct expectation e',
          'ct helper h',
          'ct timeout t',
          'limit l',
          'map m',
          'quota q',
          'synproxy sp',
        ]);
        assert.deepEqual(found.sets.map(({ name }) => name).sort(), ['macs', 'timed']);
        assert.deepEqual(found.maps, [{ name: 'm-7' }]);
        assert.deepEqual(
          found.chains.map(({ base }) => base),
          ['foreign', 'foreign'],
        );
        await nftables.apply([
          ...found.foreign.map((object) => ({ op: 'delete-foreign', ...object }) as const),
          ...found.sets.map(({ name }) => ({ op: 'delete-set', name }) as const),
          ...found.maps.map(({ name }) => ({ op: 'delete-map', name }) as const),
          ...found.chains.map(({ name }) => ({ op: 'delete-chain', name }) as const),
        ]);
        const left = await nftables.read();
        assert.deepEqual(left, { ...found, chains: [], sets: [], maps: [], foreign: [] });
        await nftables.apply([{ op: 'delete-table' }]);
        await nftables.close();
      });

      it('is not alarmed by a large transaction of its own', async () => {
        const nftables = await open();
        const alarms: string[] = [];
        const heard = new Promise<void>((resolve) => {
          nftables.watch(({ what }) => {
            alarms.push(what);
            resolve();
          });
        });
        const elements = Array.from({ length: 30_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
        await nftables.apply([{ op: 'add-table' }, { op: 'add-elements', set: HASH4, elements }]);
        await nftables.apply([{ op: 'delete-table' }]);
        nft('add table inet rampart');
        await heard;
        assert.deepEqual(alarms, ['table inet rampart added or changed']);
        await nftables.apply([{ op: 'delete-table' }]);
        await nftables.close();
      });

      it('leaves other tables alone', async () => {
        nft(
          [
            'add table inet theirs',
            'add chain inet theirs c',
            'add set inet theirs s { type ipv4_addr; }',
          ].join('\n'),
        );
        const before = nft('list table inet theirs');
        const nftables = await open();
        await nftables.apply(TABLE_SAMPLE);
        assert.equal(
          (await nftables.read())?.chains.some(({ name }) => name === 'c'),
          false,
        );
        await nftables.apply([{ op: 'delete-table' }]);
        assert.equal(nft('list table inet theirs'), before);
        nft('delete table inet theirs');
        await nftables.close();
      });

      it('does not load the same rules differently from how they were meant', async () => {
        const nftables = await open();
        await nftables.apply(TABLE_SAMPLE);
        const listed = (await nftables.list()).split('\n').map((line) => line.trim());
        assert.equal(
          listed.filter((line) => line.includes('comment "sample"')).length,
          RULES.length,
        );
        for (const line of [
          'iifname { "*", "eth0", "wild*" } counter name "hits/1" comment "sample"',
          'ct state established,related counter name "hits/1" comment "sample"',
          'ct status dnat counter name "hits/1" comment "sample"',
          'meta mark & 0x00010000 == 0x00010000 counter name "hits/1" comment "sample"',
          'ip saddr . meta l4proto . th sport @ports/4 counter name "hits/1" comment "sample"',
          'meta mark set meta mark & 0xfffeffff | 0x00020000 comment "sample"',
          'reject comment "sample"',
        ])
          assert.ok(listed.includes(line), `${line} in\n${listed.join('\n')}`);
        await nftables.apply([{ op: 'delete-table' }]);
        await nftables.close();
      });
    });
  }

  it('loads where there is no /etc/protocols', () => {
    const file = join(runDir, 'no-protocols.json');
    writeFileSync(file, JSON.stringify({ nftables: encodeTransaction(TABLE_SAMPLE) }));
    const script =
      'mount --bind /dev/null /etc/protocols; mount --bind /dev/null /etc/services; nft -j -c -f "$0"';
    assert.equal(
      execFileSync('unshare', ['-m', 'sh', '-c', script, file], { encoding: 'utf8' }),
      '',
    );
    rmSync(file);
  });

  it('leaves no files behind', () => {
    assert.deepEqual(readdirSync(runDir), []);
  });

  it('kills an nft that does not answer', async () => {
    const program = join(runDir, 'slow-nft');
    writeFileSync(
      program,
      '#!/bin/sh\ncase "$1" in --version) echo nftables v1.0.6;; *) exec sleep 60;; esac\n',
      {
        mode: 0o700,
      },
    );
    const nftables = await openProcessNftables({ ...options, runDir, program, timeoutMs: 50 });
    await assert.rejects(nftables.apply([{ op: 'add-table' }]), { kind: 'timeout' });
    await nftables.close();
    rmSync(program);
  });

  it('says so when there is no nft program', async () => {
    const opening = openProcessNftables({ ...options, runDir, program: '/none/nft' });
    await assert.rejects(opening, /cannot run \/none\/nft/);
  });
});

function subjectOf(nftables: Nftables, runDir: string): Subject {
  return {
    nftables,
    tamper: (transaction) => {
      const file = join(runDir, 'tamper.json');
      writeFileSync(file, JSON.stringify({ nftables: encodeTransaction(transaction) }));
      execFileSync('nft', ['-j', '-f', file]);
      rmSync(file);
    },
    elements: (set) => {
      const listed = nft(`list set inet rampart ${set}`);
      const elements = /elements = \{([^}]*)\}/.exec(listed)?.[1];
      return Promise.resolve(elements?.split(',').length ?? 0);
    },
  };
}
