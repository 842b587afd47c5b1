import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, it } from 'mocha';
import { compileRuleset } from '../../src/compile/compile.ts';
import { fixedElements } from '../../src/ruleset/element-set.ts';
import { diffRulesets } from '../../src/ruleset/diff.ts';
import { NamedMaps } from '../../src/ruleset/named-maps.ts';
import { nftPieces, nftText } from '../../src/ruleset/nft-text.ts';
import type { Chain, Ruleset } from '../../src/ruleset/ruleset.ts';
import { encodeTransaction } from '../../src/nftables-json/encode-transaction.ts';
import { canonicalTable } from '../faults/table-text.ts';
import { localPolicyOf, settings, worlds } from '../support/random-policy.ts';
import { describeInOwnNamespace } from './own-namespace.ts';
import { ELEMENTS, RULES, rule, TABLE_SAMPLE } from './samples.ts';
import { nft } from './test-system.ts';

const RUNS = Number(process.env['NFT_TEXT_RUNS'] ?? 25);

// A file, because nft before 1.1.0 does not read JSON from Node's standard input.
function load(input: string, ...args: readonly string[]): void {
  const directory = mkdtempSync(join(tmpdir(), 'rampart-text-'));
  try {
    const file = join(directory, 'ruleset');
    writeFileSync(file, input);
    nft(...args, '-f', file);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** Objects in the order of their text, counters without their values: what is left is content. */
function listing(): string {
  const listed = nft('-s', 'list', 'table', 'inet', 'rampart');
  const objects = listed.replaceAll(/^\t}\n\n?/gm, '\t}\n\0').split('\0');
  return [objects[0]?.replace(/^table.*\n/, '') ?? '', ...objects.slice(1)].sort().join('');
}

function loadedAsJson(ruleset: Ruleset): string {
  nft('flush', 'ruleset');
  const nftables = encodeTransaction(diffRulesets({ kind: 'absent' }, ruleset));
  load(JSON.stringify({ nftables }), '-j');
  return listing();
}

function chain(name: string, rules: Chain['rules'], base: Chain['base'] = null): [string, Chain] {
  return [name, { name, base, rules }];
}

const EVERYTHING: Ruleset = {
  chains: new Map([
    chain('rules', RULES),
    chain(
      'raw-prerouting',
      [rule([], [{ kind: 'verdict', verdict: { kind: 'jump', chain: 'rules' } }])],
      { hook: 'prerouting', priority: -300 },
    ),
    chain('leaf', []),
  ]),
  sets: new Map(
    ELEMENTS.map(([set, elements]) => [set.name, { ...set, elements: fixedElements(elements) }]),
  ),
  counters: new Set(['hits/1']),
};

describeInOwnNamespace('nftText', () => {
  afterEach(() => {
    nft('flush', 'ruleset');
  });

  it('means what the JSON transaction means, for every match, statement and kind of set', () => {
    assert.ok(TABLE_SAMPLE.length > RULES.length);
    const expected = loadedAsJson(EVERYTHING);
    load([...nftText(EVERYTHING)].join(''));
    assert.equal(listing(), expected);
  });

  it('means the same with maps under names, which a process that takes over finds', () => {
    const { chains } = EVERYTHING;
    const transaction = new NamedMaps().follow(diffRulesets({ kind: 'absent' }, EVERYTHING), 0, 0);
    const names = transaction.flatMap((one) => (one.op === 'add-map' ? [one.name] : []));
    load(JSON.stringify({ nftables: encodeTransaction(transaction) }), '-j');
    const expected = canonicalTable(nft('-s', 'list', 'table', 'inet', 'rampart'));
    load([...nftPieces(EVERYTHING)].join(''));
    const listed = nft('-s', 'list', 'table', 'inet', 'rampart');
    assert.equal(canonicalTable(listed), expected);
    assert.equal(listed.match(/^\tmap /gm)?.length, names.length);
    assert.ok(names.length > chains.size);
    assert.doesNotMatch(listed, /vmap \{/);
  });

  it('means what the JSON transaction means, for what policies compile to', function () {
    this.timeout(120_000);
    fc.assert(
      fc.property(worlds, settings, (world, same) => {
        const ruleset = compileRuleset(localPolicyOf(world), {
          ...same,
          logPrefix: 'calico-packet',
          logRateLimit: null,
          deniedLog: null,
          markMask: 0xffff0000,
        });
        const expected = loadedAsJson(ruleset);
        load([...nftText(ruleset)].join(''));
        assert.equal(listing(), expected);
      }),
      { numRuns: RUNS },
    );
  });

  it('replaces what is there, foreign objects included, and can be loaded twice', () => {
    nft(
      'add table inet rampart; add chain inet rampart old; add map inet rampart m { type mark : verdict; }',
    );
    const text = [...nftText(EVERYTHING)].join('');
    load(text);
    load(text);
    assert.doesNotMatch(listing(), /chain old|map m/);
  });

  it('is refused whole when one thing in it cannot be', () => {
    nft('add table inet rampart; add chain inet rampart old');
    const broken = { ...EVERYTHING, sets: new Map() };
    assert.throws(() => {
      load([...nftText(broken)].join(''));
    });
    assert.match(listing(), /chain old/);
  });

  it('writes what its syntax cannot hold as an underscore', () => {
    const odd = { ...rule([], [{ kind: 'log', prefix: 'a"b$c\nd' }]), comment: 'x"y\nz' };
    const ruleset = { ...EVERYTHING, chains: new Map([chain('leaf', [odd])]) };
    load([...nftText(ruleset)].join(''));
    assert.match(listing(), /log prefix "a_b_c_d" .*comment "x_y_z"/);
  });
});
