import assert from 'node:assert/strict';
import fc from 'fast-check';
import { reportHtml } from '../../src/report/html.ts';
import { reportMarkdown } from '../../src/report/markdown.ts';
import { reachabilityPicture } from '../../src/report/picture.ts';
import { createReport } from '../../src/report/report.ts';
import type { Report } from '../../src/report/report.ts';
import { fitLines } from '../../src/report/text-fit.ts';

const AT = '2026-11-25T10:00:00.000Z';

/** A report in which every name is `name`. */
function reportOf(name: string): Report {
  const rule = { policy: name, direction: 'ingress', text: name, packets: 0 } as const;
  const use = { ...rule, firstSeen: AT, lastHit: null };
  return createReport({
    since: null,
    host: { name, rampart: '1.0', rulesInForce: 'current', enforcement: 'enforce' },
    alarms: [{ code: 'flushed', since: AT, message: name }],
    unprotected: [{ what: name, why: name }],
    answer: {
      at: AT,
      policyHash: 'abc',
      policies: [{ name, tier: name, hash: 'def' }],
      rules: [
        { ...use, index: 0, action: 'Allow' },
        { ...use, index: 1, action: 'Deny' },
        { ...use, index: 2, action: 'Deny', lastHit: AT },
      ],
      history: [
        {
          ...{ kind: 'rules', at: AT, revision: 7, policyHash: 'abc' },
          objects: [{ name, change: 'created' }],
          policies: [],
          rulesAdded: [name],
          rulesRemoved: [],
        },
      ],
    },
    reachability: [
      {
        ...{ endpoint: name, interfaces: [name], direction: 'ingress', packets: 3, problem: null },
        peers: [
          { key: 'a', label: name },
          { key: '*', label: 'everybody else' },
        ],
        services: [{ label: name, classes: [] }],
        cells: [['allow'], ['deny']],
      },
    ],
  });
}

const tagsOf = (markup: string): readonly string[] =>
  [...markup.matchAll(/<\/?[a-zA-Z!][^>]*>/g)].map(([tag]) => tag.replace(/ .*$/s, ''));

const names = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    '<script>alert(1)</script>',
    '" onload="alert(1)',
    "' style='x",
    ']]><svg/onload=alert(1)>',
    '| a | b |\n# x',
    '[x](javascript:alert(1))',
    '&lt;',
    '\u0000\u2028\u0085',
  ),
);

describe('a report', () => {
  it('in Markdown', () => {
    const text = reportMarkdown(reportOf('web'));
    assert.match(
      text,
      /^# Firewall report of web\n\nMade 2026-11-25 10:00:00 UTC by Rampart 1\.0\./,
    );
    for (const part of [
      '| From | web |\n| --- | --- |\n| web | allow |\n| everybody else | deny |\n',
      '| 2026-11-25 10:00:00 UTC | 7 | web created | + web |\n',
      '| web | ingress | \\[0\\] Allow web | 2026-11-25 10:00:00 UTC | never |\n',
    ])
      assert.ok(text.includes(part), part);
    assert.ok(!text.includes('\\[2\\]'), 'a rule that was hit is not unused');
  });

  it('has the same markup whatever objects are called', () => {
    const [page, picture] = [reportHtml(reportOf('web')), pictureOf('web')];
    fc.assert(
      fc.property(names, (name) => {
        const short = tagsOf(pictureOf(name)).filter((tag) => !tag.includes('text'));
        assert.deepEqual(
          short,
          tagsOf(picture).filter((tag) => !tag.includes('text')),
        );
        const other = reportHtml(reportOf(name)).replaceAll('<br>', '');
        const isPlain = (tag: string): boolean => !/text|<br/.test(tag);
        assert.deepEqual(tagsOf(other).filter(isPlain), tagsOf(page).filter(isPlain));
      }),
    );
  });

  it('has as many lines and cells in Markdown whatever objects are called', () => {
    const shape = (text: string): readonly number[] =>
      text.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length ?? 0);
    const wanted = shape(reportMarkdown(reportOf('web')));
    fc.assert(
      fc.property(names, (name) => {
        assert.deepEqual(shape(reportMarkdown(reportOf(name))), wanted);
      }),
    );
  });

  it('keeps long names inside their boxes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const lines = fitLines(text, 20, 3);
        assert.ok(lines.length <= 3 && lines.every((line) => line.length <= 20), String(lines));
      }),
    );
  });
});

function pictureOf(name: string): string {
  const [reach] = reportOf(name).reachability;
  return reach === undefined ? '' : reachabilityPicture(reach, name);
}
