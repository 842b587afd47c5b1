import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { arrangeTiers } from '../../src/policy/local-tiers.ts';
import type { LocalTiers } from '../../src/policy/local-tiers.ts';
import type { Policy } from '../../src/resource/resource.ts';
import { globalPolicy, tier } from '../support/resources.ts';

const STAGES = ['untracked', 'preDNAT', 'normal', 'forward'] as const;

/** `<stage> <directions> <end of tier>` for every place where the only policy stands. */
function placesOf(fields: Partial<Policy>): readonly string[] {
  return placed(arrangeTiers([globalPolicy('p', fields)], new Map([['default', tier('default')]])));
}

function placed(tiers: LocalTiers): readonly string[] {
  return STAGES.flatMap((stage) =>
    tiers[stage].map(({ ingress, egress, defaultAction }) =>
      [stage, ...ingress.map(() => 'in'), ...egress.map(() => 'out'), defaultAction].join(' '),
    ),
  );
}

describe('arrangeTiers', () => {
  const cases: readonly (readonly [string, Partial<Policy>, readonly string[]])[] = [
    ['a policy', {}, ['normal in out Deny']],
    ['one for ingress', { appliesToEgress: false }, ['normal in Deny']],
    ['one for neither direction', { appliesToIngress: false, appliesToEgress: false }, []],
    ['applyOnForward', { applyOnForward: true }, ['normal in out Deny', 'forward in out Deny']],
    ['preDNAT', { preDNAT: true, applyOnForward: true }, ['preDNAT in Pass']],
    ['preDNAT without applyOnForward', { preDNAT: true }, ['preDNAT in Pass']],
    ['doNotTrack', { doNotTrack: true, applyOnForward: true }, ['untracked in out Pass']],
    ['doNotTrack without applyOnForward', { doNotTrack: true }, ['untracked in out Pass']],
    [
      'both, which counts as doNotTrack',
      { doNotTrack: true, preDNAT: true, applyOnForward: true },
      ['untracked in out Pass'],
    ],
  ];
  for (const [title, fields, expected] of cases) {
    it(`places ${title}`, () => {
      assert.deepEqual(placesOf(fields), expected);
    });
  }

  it('ends a tier with the action of the tier, and one that does not exist with Deny', () => {
    const policies = [globalPolicy('a', { tier: 'soft' }), globalPolicy('b', { tier: 'ghost' })];
    const tiers = new Map([['soft', tier('soft', { defaultAction: 'Pass' })]]);
    assert.deepEqual(placed(arrangeTiers(policies, tiers)), [
      'normal in out Pass',
      'normal in out Deny',
    ]);
  });
});
