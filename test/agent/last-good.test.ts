import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { LAST_GOOD_FILE, LastGood } from '../../src/agent/last-good.ts';
import type { TurnReport } from '../../src/agent/turn-report.ts';
import type { Clock } from '../../src/base/clock.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import type { Nftables } from '../../src/nftables-json/nftables.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import type { Programmed } from '../../src/ruleset/diff.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import type { ElementSet } from '../../src/ruleset/element-set.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { createManualClock } from '../status/manual-clock.ts';

/** A clock whose tasks run when the test says so. */
class ManualClock implements Clock {
  readonly delays: number[] = [];
  #tasks: (() => void)[] = [];

  now(): number {
    return 0;
  }

  monotonic(): number {
    return 0;
  }

  after(delayMs: number, task: () => void): () => void {
    this.delays.push(delayMs);
    this.#tasks.push(task);
    return () => {
      this.#tasks = this.#tasks.filter((one) => one !== task);
    };
  }

  run(): number {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks) task();
    return tasks.length;
  }
}

function ruleset(elements: readonly string[]): Ruleset {
  const set = {
    name: 's-x-4',
    family: 4,
    kind: 'hash',
    elements: fixedElements(elements),
  } as const;
  return {
    chains: new Map([['leaf', { name: 'leaf', base: null, rules: [] }]]),
    sets: new Map([[set.name, set]]),
    counters: new Set(['c/1']),
  };
}

function report(written: TurnReport['written'], desired: Ruleset): TurnReport {
  const policy = { endpoints: [], sets: new Map() };
  const resolution = { policy, governed: [], problems: [] };
  const known = { revision: 1, isSaved: false, clusterInformation: null, problemsVersion: 0 };
  const base = { ...known, changed: [], enforcement: 'enforce' } as const;
  return { ...base, written, ruleset: desired, resolution };
}

describe('LastGood', () => {
  let stateDir = '';
  let isSettled = true;
  let clock = new ManualClock();
  let lastGood: LastGood;
  let nftables: Nftables;
  let programmed: Programmed;

  beforeEach(() => {
    stateDir = mkdtempSync(join(tmpdir(), 'rampart-last-good-'));
    isSettled = true;
    clock = new ManualClock();
    const options = { stateDir, version: '1.2.3', nodeName: 'hosta', isSettled: () => isSettled };
    lastGood = new LastGood(options, { clock, logger: silentLogger });
    nftables = lastGood.recording(new MemoryNftables());
    programmed = { kind: 'absent' };
  });
  afterEach(async () => {
    await lastGood.close();
    chmodSync(stateDir, 0o700);
    rmSync(stateDir, { recursive: true });
  });

  async function turn(elements: readonly string[]): Promise<void> {
    const desired = ruleset(elements);
    const transaction = diffRulesets(programmed, desired);
    const written = transaction.length === 0 ? null : await nftables.apply(transaction);
    programmed = { kind: 'known', ruleset: desired };
    lastGood.turned(report(written, desired));
  }

  function saved(): string {
    return readFileSync(join(stateDir, LAST_GOOD_FILE), 'utf8');
  }

  it('saves after the turn and not in it, many turns at once, readable by its owner only', async () => {
    await turn(['10.0.0.1']);
    await turn(['10.0.0.1', '10.0.0.2']);
    assert.equal(existsSync(join(stateDir, LAST_GOOD_FILE)), false);
    assert.equal(clock.run(), 1);
    await lastGood.close();
    assert.match(saved(), /^# Last good rules of hosta, written by rampartd 1\.2\.3 on 1970/);
    assert.match(saved(), /elements = \{ 10\.0\.0\.[12], 10\.0\.0\.[12] \}/);
    assert.equal(statSync(join(stateDir, LAST_GOOD_FILE)).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(stateDir), [LAST_GOOD_FILE]);
  });

  it('saves soon after a rest, and ten seconds after the last time', async () => {
    const time = createManualClock();
    const options = { stateDir, version: '1', nodeName: 'hosta', isSettled: () => true };
    lastGood = new LastGood(options, { clock: time, logger: silentLogger });
    nftables = lastGood.recording(new MemoryNftables());
    await turn(['10.0.0.1']);
    time.advance(200);
    await turn(['10.0.0.2']);
    await lastGood.saved;
    assert.match(saved(), /10\.0\.0\.1/);
    time.advance(9_999);
    await turn(['10.0.0.3']);
    await lastGood.saved;
    assert.match(saved(), /10\.0\.0\.1/);
    time.advance(1);
    await lastGood.saved;
    assert.match(saved(), /10\.0\.0\.3/);
    time.advance(60_000);
    await turn(['10.0.0.4']);
    time.advance(200);
    await lastGood.saved;
    assert.match(saved(), /10\.0\.0\.4/);
  });

  it('saves what is not saved yet when it is closed', async () => {
    await turn(['10.0.0.1']);
    await lastGood.close();
    assert.match(saved(), /10\.0\.0\.1/);
  });

  it('writes the members as they are in the kernel, not as the policy has them by then', async () => {
    const members = new Set(['10.0.0.1']);
    let isStale = false;
    const view = Object.assign(Object.create(fixedElements(members)) as ElementSet, {
      kept: () => {
        if (isStale) throw new Error('read after its set had moved on');
        return [...members];
      },
    });
    const [name, set] = [...ruleset([]).sets][0] ?? assert.fail();
    const desired = { ...ruleset([]), sets: new Map([[name, { ...set, elements: view }]]) };
    const written = await nftables.apply(diffRulesets({ kind: 'absent' }, desired));
    isStale = true;
    lastGood.turned(report(written, desired));
    assert.deepEqual([...(lastGood.inForce()?.sets.get(name)?.elements ?? [])], ['10.0.0.1']);
    await lastGood.close();
    assert.match(saved(), /10\.0\.0\.1/);
  });

  it('does not save again what did not change', async () => {
    await turn(['10.0.0.1']);
    clock.run();
    await turn(['10.0.0.1']);
    assert.equal(clock.run(), 0);
  });

  it('keeps the old file while the rules in force may yet turn out to be bad', async () => {
    await turn(['10.0.0.1']);
    clock.run();
    await lastGood.close();
    isSettled = false;
    await turn(['10.0.0.2']);
    await lastGood.close();
    assert.match(saved(), /10\.0\.0\.1/);
    isSettled = true;
    await lastGood.close();
    assert.match(saved(), /10\.0\.0\.2/);
  });

  it('keeps the old file and says so while the state directory refuses the new one', async function () {
    await turn(['10.0.0.1']);
    clock.run();
    await lastGood.close();
    const other = new LastGood(
      {
        ...{ stateDir: join(stateDir, LAST_GOOD_FILE), version: '1', nodeName: 'hosta' },
        isSettled: () => true,
      },
      { clock, logger: silentLogger },
    );
    const wrapped = other.recording(new MemoryNftables());
    const desired = ruleset(['10.0.0.9']);
    const written = await wrapped.apply(diffRulesets({ kind: 'absent' }, desired));
    other.turned(report(written, desired));
    await other.close();
    assert.match(saved(), /10\.0\.0\.1/);
    const [fault] = other.faults();
    assert.equal(fault?.code, 'last-good-unsaved');
    assert.match(fault.message, /after a reboot this host has older ones.*ENOTDIR/);
  });

  it('leaves a file alone that an earlier process could not finish', async () => {
    writeFileSync(join(stateDir, `${LAST_GOOD_FILE}.new`), 'half');
    await turn(['10.0.0.1']);
    await lastGood.close();
    assert.deepEqual(readdirSync(stateDir), [LAST_GOOD_FILE]);
  });

  it('saves nothing once the table was taken away', async () => {
    await turn(['10.0.0.1']);
    await nftables.apply([{ op: 'add-table' }, { op: 'delete-table' }]);
    assert.equal(lastGood.inForce(), null);
    await lastGood.close();
    assert.equal(existsSync(join(stateDir, LAST_GOOD_FILE)), false);
  });

  it('gives way to the event loop while it writes 100,000 members', async () => {
    const members = Array.from(
      { length: 100_000 },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    );
    await turn(members);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    clock.run();
    delay.enable();
    await lastGood.close();
    delay.disable();
    const worstMs = delay.max / 1e6;
    // 50 ms on an idle machine; this catches a file that is made in one go on a busy one.
    assert.ok(worstMs < 250, `${worstMs} ms`);
    process.stdout.write(`      longest pause of the event loop: ${worstMs.toFixed(1)} ms\n`);
    assert.equal(saved().match(/10\.\d+\.\d+\.\d+/g)?.length, 100_000);
  });
});
