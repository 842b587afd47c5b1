import assert from 'node:assert/strict';
import { CutOnDeny } from '../../src/agent/cut-on-deny.ts';
import type { CutReport } from '../../src/agent/cut-tally.ts';
import { HostError } from '../../src/base/errors.ts';
import type { LogFields } from '../../src/base/logger.ts';
import { createManualClock } from '../status/manual-clock.ts';

const NOTHING: CutReport = {
  ...{ lookedAt: 0, notLookedAt: 0, refused: 0, cut: 0, failed: 0 },
  ...{ byRule: [], flows: [] },
};

describe('CutOnDeny', () => {
  let clock: ReturnType<typeof createManualClock>;
  let cuts: number;
  let answer: () => Promise<CutReport>;
  let said: LogFields[];

  beforeEach(() => {
    clock = createManualClock();
    cuts = 0;
    answer = () => Promise.resolve(NOTHING);
    said = [];
  });

  function create(cutOnDeny: boolean): CutOnDeny {
    const say = (fields: LogFields): void => {
      said.push(fields);
    };
    const quiet = (): void => undefined;
    return new CutOnDeny(
      {
        cutter: {
          cut: () => {
            cuts += 1;
            return answer();
          },
        },
        clock,
        logger: { debug: quiet, info: say, warn: say, error: say },
      },
      { cutOnDeny },
    );
  }

  /** Lets what is due run to its end. */
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await new Promise((resolve) => setImmediate(resolve));
  }

  it('does nothing until it is turned on, and then cuts what is refused already', async () => {
    const subject = create(false);
    subject.written();
    await advance(60_000);
    assert.equal(cuts, 0);
    subject.use({ cutOnDeny: true });
    await advance(0);
    assert.equal(cuts, 1);
    subject.use({ cutOnDeny: false });
    subject.written();
    await advance(60_000);
    assert.equal(cuts, 1);
  });

  it('cuts after each write, not within it, and once for writes that are close', async () => {
    const subject = create(true);
    subject.written();
    assert.equal(cuts, 0);
    await advance(0);
    assert.equal(cuts, 1);
    for (let i = 0; i < 5; i++) subject.written();
    await advance(500);
    assert.equal(cuts, 1);
    await advance(500);
    await advance(0);
    assert.equal(cuts, 2);
    await advance(60_000);
    assert.equal(cuts, 2);
  });

  it('spends at most a tenth of the time on it', async () => {
    let finish: (report: CutReport) => void = () => undefined;
    answer = () =>
      new Promise((resolve) => {
        finish = resolve;
      });
    const subject = create(true);
    subject.written();
    await advance(0);
    clock.advance(3000);
    finish(NOTHING);
    await advance(0);
    subject.written();
    await advance(29_000);
    assert.equal(cuts, 1);
    await advance(1000);
    await advance(0);
    assert.equal(cuts, 2);
  });

  it('says how many were cut and by which rules, ten at most', async () => {
    const byRule = Array.from({ length: 12 }, (_, i) => ({ because: `rule ${i}`, flows: 12 - i }));
    answer = () => Promise.resolve({ ...NOTHING, cut: 78, byRule });
    create(true).written();
    await advance(0);
    assert.equal(said[0]?.['cut'], 78);
    const rules = said[0]['rules'] as readonly string[];
    assert.deepEqual([rules.length, rules[0], rules[10]], [11, 'rule 0: 12', '+2 more']);
  });

  it('raises an alarm while connection tracking cannot be read, tries again, and takes it back', async () => {
    const subject = create(true);
    answer = () => Promise.reject(new HostError('EPERM', 'you may not'));
    subject.written();
    await advance(0);
    assert.deepEqual(
      subject.faults().map(({ code }) => code),
      ['connections-uncut'],
    );
    assert.match(subject.faults()[0]?.message ?? '', /you may not/);
    answer = () => Promise.resolve(NOTHING);
    await advance(30_000);
    await advance(0);
    assert.equal(cuts, 2);
    assert.deepEqual(subject.faults(), []);
  });

  it('is no fault when nothing is in force', async () => {
    const subject = create(true);
    answer = () => Promise.reject(new Error('nothing was applied yet'));
    subject.written();
    await advance(0);
    assert.deepEqual(subject.faults(), []);
    await advance(60_000);
    assert.equal(cuts, 1);
  });

  it('does nothing any more once it is closed', async () => {
    const subject = create(true);
    subject.written();
    await subject.close();
    await advance(60_000);
    assert.equal(cuts, 0);
  });
});
