import assert from 'node:assert/strict';
import { awaitBootUnit } from '../../src/agent/boot-arrival.ts';
import { nftablesWith } from '../../src/agent/nftables-with.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import type { ForeignChange } from '../../src/nftables-json/nftables.ts';
import { createManualClock } from '../status/manual-clock.ts';

const CHANGE: ForeignChange = { what: 'table inet rampart added', process: null };
const SOME_MS = 100;
const LIMIT_MS = 2_000;

function rig(isOpen: boolean): {
  readonly clock: ReturnType<typeof createManualClock>;
  readonly happened: string[];
  readonly change: () => void;
  readonly load: () => void;
  readonly stop: () => void;
} {
  const clock = createManualClock();
  const happened: string[] = [];
  let isLoaded = false;
  let change = (): void => undefined;
  const nftables = nftablesWith(new MemoryNftables(), {
    watch: (listener) => {
      change = () => {
        listener(CHANGE);
      };
      return () => happened.push('stopped');
    },
  });
  const stop = awaitBootUnit(nftables, {
    ...{ clock, logger: silentLogger, isOpen: () => isOpen },
    boot: { hasLoaded: () => isLoaded },
    doubt: () => happened.push('doubted'),
    arrived: () => happened.push('arrived'),
  }).watch(({ what }) => happened.push(what));
  return {
    ...{ clock, happened, stop },
    change: () => {
      change();
    },
    load: () => {
      isLoaded = true;
    },
  };
}

describe('awaitBootUnit', () => {
  it('knows the rules of the boot unit by its mark, which comes a little later', () => {
    const { clock, happened, change, load } = rig(true);
    change();
    clock.advance(SOME_MS);
    assert.deepEqual(happened, ['doubted']);
    load();
    clock.advance(SOME_MS);
    assert.deepEqual(happened, ['doubted', 'arrived']);
    clock.advance(LIMIT_MS);
    assert.deepEqual([happened.length, clock.pending()], [2, 0]);
  });

  it('passes on what is not the boot unit’s', () => {
    const { clock, happened, change } = rig(true);
    change();
    clock.advance(LIMIT_MS);
    assert.deepEqual(happened, ['doubted', CHANGE.what]);
  });

  it('passes everything on at once while rules are in force', () => {
    const { happened, change, load } = rig(false);
    load();
    change();
    assert.deepEqual(happened, [CHANGE.what]);
  });

  it('looks no more once it is stopped', () => {
    const { clock, happened, change, stop } = rig(true);
    change();
    stop();
    clock.advance(LIMIT_MS);
    assert.deepEqual([happened, clock.pending()], [['doubted', 'stopped'], 0]);
  });
});
