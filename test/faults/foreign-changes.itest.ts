import assert from 'node:assert/strict';
import type { LogLine } from '../support/daemon.ts';
import { assertUnharmed } from './prober.ts';
import { denials, protection, TableBench } from './table-bench.ts';

// Long enough for delays of more than a second.
const FIGHT_MS = 5000;
const FORBIDDEN = 9100;

type Fault = readonly [what: string, commands: string | ((bench: TableBench) => Promise<unknown>)];

/** What others take away, without asking what is there. */
const FLUSHES: readonly Fault[] = [
  ['all rules flushed', 'flush table inet rampart'],
  ['one chain flushed', 'flush chain inet rampart filter-input'],
  ['the table deleted', 'delete table inet rampart'],
  ['the whole ruleset flushed', 'flush ruleset'],
  ['the table put to sleep', 'add table inet rampart { flags dormant; }'],
];

/** What others change in our table, or put into it. */
const CHANGES: readonly Fault[] = [
  ['a rule inserted before ours', 'insert rule inet rampart filter-input accept'],
  ['a rule appended', 'add rule inet rampart filter-input counter accept'],
  ['a rule removed', (bench) => onFirstRule(bench, 'delete rule inet rampart filter-input handle')],
  [
    'a rule replaced',
    (bench) => onFirstRule(bench, 'replace rule inet rampart filter-input handle', 'accept'),
  ],
  ['a base chain given another policy', 'add chain inet rampart filter-input { policy drop; }'],
  [
    'a base chain added',
    'add chain inet rampart mine { type filter hook input priority -500; policy drop; }',
  ],
  ['a set added', 'add set inet rampart mine { type ipv4_addr; elements = { 192.0.2.1 }; }'],
  ['a counter added', 'add counter inet rampart mine'],
  ['a map added', 'add map inet rampart mine { type ipv4_addr : verdict; }'],
  ['an element added to a set', (bench) => onSet(bench, 'add element', '203.0.113.0/24')],
  ['an element removed from a set', (bench) => onSet(bench, 'delete element', '192.0.2.0/24')],
  ['a set flushed', (bench) => onSet(bench, 'flush set', null)],
  [
    'the table replaced by another of its name',
    'delete table inet rampart; add table inet rampart; add chain inet rampart filter-input { type filter hook forward priority 7; }; add set inet rampart filter-output { type inet_service; }',
  ],
];

/** What the deletion of our own maps must not get in the way of. */
const BESIDE_MAPS: readonly Fault[] = [
  ['a chain added', 'add chain inet rampart mine'],
  [
    'a map of counters added',
    'add counter inet rampart mine; add map inet rampart by-source { type ipv4_addr : counter; elements = { 192.0.2.1 : "mine" }; }; insert rule inet rampart filter-input accept',
  ],
  [
    'a hook made a chain',
    'flush chain inet rampart filter-input; delete chain inet rampart filter-input; add chain inet rampart filter-input',
  ],
  ['a map under a name like ours', 'add map inet rampart m-0 { type ipv4_addr : verdict; }'],
];

async function onFirstRule(bench: TableBench, before: string, after = ''): Promise<unknown> {
  const listed = await bench.run(['nft', '-a', 'list', 'chain', 'inet', 'rampart', 'filter-input']);
  const handle = /# handle (\d+)\n(?!.*chain)/.exec(listed.split('policy')[1] ?? '')?.[1];
  assert.ok(handle !== undefined, listed);
  return bench.nft(`${before} ${handle} ${after}`);
}

function failures(log: readonly LogLine[]): readonly LogLine[] {
  return log.filter(({ msg }) => msg.startsWith('could not program nftables'));
}

async function onSet(bench: TableBench, verb: string, element: string | null): Promise<unknown> {
  const listed = await bench.run(['nft', 'list', 'sets', 'inet']);
  const name = /set (\S+) \{\s+type ipv4_addr/.exec(listed)?.[1];
  assert.ok(name !== undefined, listed);
  return bench.nft(`${verb} inet rampart ${name} ${element === null ? '' : `{ ${element} }`}`);
}

const BENCHES = [
  ['row 140', FLUSHES],
  // One daemon for a few of them: a new one for each would take most of the time, one for all is a fight.
  ['row 141', CHANGES.slice(0, 7)],
  ['row 141', CHANGES.slice(7)],
  ['row 141', BESIDE_MAPS],
] as const;

for (const [row, faults] of BENCHES) {
  describe(`${row}: what others do to the table is undone in under a second`, () => {
    let bench: TableBench;
    let wanted = '';

    before(async () => {
      bench = await TableBench.start([...protection(), denials()]);
      wanted = await bench.table();
      assert.match(wanted, /tcp dport 8055/);
      assert.match(wanted, /udp dport vmap/);
    });
    after(async () => {
      await bench.stop();
    });

    for (const [what, change] of faults) {
      it(`${row}: ${what}`, async () => {
        const { position } = bench.daemon;
        const counted = await bench.metric('rampart_foreign_changes_total');
        const seen = await bench.during(async () => {
          const { tookMs, said } = await bench.repaired(() =>
            typeof change === 'string' ? bench.nft(change) : change(bench),
          );
          process.stdout.write(`      restored in ${tookMs.toFixed(1)} ms\n`);
          assert.ok(tookMs < 1000, `${tookMs} ms`);
          const by = said['process'] as { readonly pid: number; readonly name: string } | null;
          assert.equal(by?.name, 'nft');
          assert.ok(by.pid > 1);
        });
        assert.deepEqual(failures(bench.daemon.log.slice(position)), []);
        assert.ok(seen.isConnected, 'an established connection was lost');
        assert.equal(await bench.table(), wanted);
        assert.equal(await bench.metric('rampart_foreign_changes_total'), counted + 1);
        assert.equal(await bench.readiness(), 200);
      });
    }

    it('and afterwards clients meet what they met before', async () => {
      const { position } = bench.daemon;
      const seen = await bench.during(() => bench.connect(FORBIDDEN));
      assertUnharmed(
        seen,
        bench.daemon.log.slice(position).map(({ msg }) => msg),
      );
    });
  });
}

describe('changes of the table by others, over and over', () => {
  let bench: TableBench;
  let before = '';

  beforeEach(async () => {
    bench = await TableBench.start();
    before = await bench.table();
  });
  afterEach(async () => {
    await bench.stop();
  });

  it('a fight with another program: damped, alarmed, and won when it stops', async () => {
    const position = bench.daemon.position;
    const until = Date.now() + FIGHT_MS;
    let changes = 0;
    while (Date.now() < until) {
      await bench.nft('insert rule inet rampart filter-input accept');
      changes++;
    }
    const repairs = bench.daemon.log.slice(position).filter(({ msg }) => msg === 'applied').length;
    process.stdout.write(
      `      ${changes} foreign changes in ${FIGHT_MS / 1000} s, ${repairs} repairs\n`,
    );
    assert.ok(repairs >= 10 && repairs <= 18, `${repairs} repairs`);
    await bench.daemon.waitFor(
      'the last repair',
      (lines) => lines.filter(({ msg }) => msg === 'applied').length > repairs,
      10_000,
      position,
    );
    assert.equal(await bench.table(), before);
    assert.equal(await bench.readiness(), 200);
    await bench.daemon.waitFor(
      'the alarm',
      (lines) => lines.some(({ alarm }) => alarm === 'table-fought-over'),
      1000,
      position,
    );
  });

  it('an update while another program fights is enforced all the same', async () => {
    for (let i = 0; i < 20; i++) await bench.nft('insert rule inet rampart filter-input accept');
    const { position } = bench.daemon;
    bench.store(protection(['192.0.2.0/24'], 9100));
    const isAbout = ({ msg, changed }: LogLine): boolean =>
      msg === 'applied' && JSON.stringify(changed).includes('service');
    await bench.daemon.waitFor('the update', (lines) => lines.some(isAbout), 1000, position);
    assert.match(await bench.table(), /tcp dport 9100/);
  });
});
