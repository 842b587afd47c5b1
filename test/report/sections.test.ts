import assert from 'node:assert/strict';
import type { HistoryRecord } from '../../src/report/history.ts';
import type { Reachability } from '../../src/report/reachability.ts';
import type { Report } from '../../src/report/report.ts';
import { sectionsOf } from '../../src/report/sections.ts';

const AT = '2026-11-25T10:00:00.000Z';
const NOTHING: Report = {
  ...{ version: 1, at: AT, since: null },
  host: {
    name: 'web',
    rampart: '1.0',
    rulesInForce: 'current',
    enforcement: 'enforce',
    policyHash: 'abc',
  },
  ...{
    alarms: [],
    unprotected: [],
    reachability: [],
    policies: [],
    changes: [],
    neverSeen: [],
    neverHit: [],
  },
} as unknown as Report;

function rowsOf(title: RegExp, report: Partial<Report>): readonly (readonly string[])[] {
  return sectionsOf({ ...NOTHING, ...report }).find((one) => title.test(one.title))?.rows ?? [];
}

const reach = (change: Partial<Reachability>): Reachability => ({
  ...{
    endpoint: 'eth0',
    interfaces: ['eth0', 'eth1'],
    direction: 'egress',
    packets: 2,
    problem: null,
  },
  peers: [{ key: '*', label: 'everybody' }],
  services: [{ label: 'TCP 80', classes: [] }],
  cells: [['partly']],
  ...change,
});

const record = { at: AT, revision: 4, objects: [{ name: '+2 more', change: '' }] } as const;

describe('sectionsOf', () => {
  it('says of every part that there is nothing, rather than leaving it out', () => {
    const sections = sectionsOf(NOTHING);
    assert.ok(sections.length >= 6);
    for (const { title, none, rows } of sections) {
      assert.equal(rows.length, 0, title);
      assert.match(none, /\.$/, title);
    }
  });

  it('says since when changes and unused rules are told', () => {
    const intro = (since: string | null): readonly string[] =>
      sectionsOf({ ...NOTHING, since }).map((one) => one.intro);
    assert.ok(intro(AT).some((text) => text.includes('since 2026-11-25 10:00:00 UTC')));
    assert.ok(intro(null).some((text) => text.includes('as far back as the history goes')));
  });

  it('has a table and a picture of what this host may reach, by its interfaces', () => {
    const [section] = sectionsOf({ ...NOTHING, reachability: [reach({})] }).filter(
      ({ picture }) => picture !== null,
    );
    assert.equal(section?.title, 'What this host may reach: HostEndpoint eth0 (eth0, eth1)');
    assert.deepEqual(section.header, ['To', 'TCP 80']);
    assert.deepEqual(section.rows, [['everybody', 'partly']]);
  });

  it('has no picture of what could not be evaluated, and says why', () => {
    const sections = sectionsOf({
      ...NOTHING,
      reachability: [reach({ peers: [], cells: [], problem: 'not evaluated' })],
    });
    assert.equal(sections.filter(({ picture }) => picture !== null).length, 0);
    assert.ok(sections.some(({ none }) => none === 'not evaluated'));
  });

  const changes: readonly [string, HistoryRecord, string][] = [
    [
      'rules that came and went',
      {
        ...record,
        kind: 'rules',
        policyHash: 'a',
        policies: [],
        rulesAdded: ['x'],
        rulesRemoved: ['y'],
      },
      '+ x; − y',
    ],
    [
      'rules that only moved',
      { ...record, kind: 'rules', policyHash: 'a', policies: [], rulesAdded: [], rulesRemoved: [] },
      'the same rules in another place',
    ],
    [
      'members of sets',
      {
        ...record,
        kind: 'members',
        turns: 3,
        sets: [{ description: 'role == "app"', before: 1, after: 4 }],
      },
      'members of sets in 3 turns: role == "app": 1 → 4',
    ],
  ];
  for (const [what, change, meaning] of changes)
    it(`tells of ${what}`, () => {
      const [row] = rowsOf(/^Changes$/, { changes: [change] });
      assert.deepEqual(row, ['2026-11-25 10:00:00 UTC', '4', '+2 more', meaning]);
    });

  it('tells when a rule was last hit, as far as that is known', () => {
    const use = {
      policy: 'web',
      direction: 'ingress',
      index: 0,
      action: 'Deny',
      text: 'everything',
      packets: 0,
    } as const;
    const rows = rowsOf(/never hit/, {
      neverHit: [
        { ...use, firstSeen: null, lastHit: null },
        { ...use, firstSeen: AT, lastHit: AT },
      ],
    });
    const hit = '2026-11-25 10:00:00 UTC';
    assert.deepEqual(
      rows.map((row) => row.slice(-2)),
      [
        ['', 'never'],
        [hit, hit],
      ],
    );
  });
});
