import assert from 'node:assert/strict';
import { cutAnswer } from '../../src/agent/control-cut.ts';
import { HostError } from '../../src/base/errors.ts';
import { ControlError } from '../../src/control/handler.ts';

type Cutter = Parameters<typeof cutAnswer>[1];
const REPORT: Awaited<ReturnType<Cutter['cut']>> = Object.freeze({
  ...{ live: 0, refused: 0, cut: 0, notLookedAt: 0, flows: [] },
}) as never;
const GOOD = { dryRun: true, nets: [], endpoint: null };

/** A cutter that tells what it was asked. */
function cutter(fails?: Error): Cutter & { readonly asked: string[] } {
  const asked: string[] = [];
  const answer = (what: string) => {
    asked.push(what);
    return fails === undefined ? Promise.resolve(REPORT) : Promise.reject(fails);
  };
  return {
    asked,
    look: (_isMeant, atMost) => answer(`look at most ${atMost}`),
    cut: () => answer('cut'),
  };
}

async function refusal(body: unknown, fails?: Error): Promise<ControlError> {
  const error: unknown = await cutAnswer(body, cutter(fails), ['web']).then(
    () => null,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof ControlError, String(error));
  return error;
}

describe('cutAnswer', () => {
  it('only looks when it is a dry run, at as many flows as it was told', async () => {
    const one = cutter();
    await cutAnswer(GOOD, one, ['web']);
    await cutAnswer({ ...GOOD, atMost: 5, endpoint: 'web' }, one, ['web']);
    await cutAnswer({ ...GOOD, dryRun: false }, one, ['web']);
    assert.deepEqual(one.asked, ['look at most Infinity', 'look at most 5', 'cut']);
  });

  const bad: readonly [string, unknown, RegExp][] = [
    ['a body that is nothing', null, /^dryRun: write true or false/],
    ['a dryRun that is a word', { ...GOOD, dryRun: 'yes' }, /^dryRun/],
    ['nets that are one text', { ...GOOD, nets: '10.0.0.0/8' }, /^nets: write a list/],
    ['nets that are numbers', { ...GOOD, nets: [1] }, /^nets: write a list/],
    ['a net that is none', { ...GOOD, nets: ['10.0.0.0/99'] }, /^nets: .*10\.0\.0\.0\/99/],
    ['an endpoint that is a number', { ...GOOD, endpoint: 7 }, /^endpoint/],
    ['an atMost that is a word', { ...GOOD, atMost: 'all' }, /^atMost/],
  ];
  for (const [what, body, message] of bad)
    it(`refuses ${what}, and says what to write`, async () => {
      const { status, message: said } = await refusal(body);
      assert.equal(status, 400);
      assert.match(said, message);
    });

  it('names the endpoints that there are instead of one that is not', async () => {
    const { status, message } = await refusal({ ...GOOD, endpoint: 'wbe' });
    assert.equal(status, 404);
    assert.match(message, /"wbe"; there is web$/);
  });

  it('says so when connection tracking cannot be read, and passes on what is a bug', async () => {
    const { status, message } = await refusal(GOOD, new HostError('conntrack', 'EPERM'));
    assert.deepEqual([status, message.includes('EPERM')], [502, true]);
    const bug = new TypeError('a bug');
    await assert.rejects(cutAnswer(GOOD, cutter(bug), []), bug);
  });
});
