import assert from 'node:assert/strict';
import { afterEach, it } from 'mocha';
import { describeInOwnNamespace } from '../nftables-json/own-namespace.ts';
import { nft } from '../nftables-json/test-system.ts';
import { goldenCases } from './cases.ts';

/** What nft lists of an object, by the object's first line: counters and hooks as they are, elements as a set. */
interface Listing {
  readonly chains: Readonly<Record<string, readonly string[]>>;
  readonly sets: Readonly<Record<string, number>>;
  readonly counters: readonly string[];
}

interface Listed {
  readonly chain?: { readonly name: string };
  readonly rule?: { readonly chain: string; readonly comment?: string };
  readonly set?: { readonly name: string; readonly elem?: readonly unknown[] };
  readonly counter?: { readonly name: string };
}

function readBack(): Listing {
  const text = nft('-j', 'list', 'table', 'inet', 'rampart');
  const { nftables } = JSON.parse(text) as { readonly nftables: readonly Listed[] };
  const chains: Record<string, string[]> = {};
  for (const { chain, rule } of nftables) {
    if (chain !== undefined) chains[chain.name] ??= [];
    if (rule !== undefined) (chains[rule.chain] ??= []).push(rule.comment ?? '');
  }
  const sets = nftables.flatMap(({ set }) => (set ? [[set.name, set.elem?.length ?? 0]] : []));
  return {
    chains,
    sets: Object.fromEntries(sets) as Listing['sets'],
    counters: nftables.flatMap(({ counter }) => (counter ? [counter.name] : [])).sort(),
  };
}

function written(ruleset: string): Listing {
  const blocks = ruleset.matchAll(/^\t(chain|set|counter) (\S+) \{\n(.*?)^\t\}$/gms);
  const chains: Record<string, readonly string[]> = {};
  const sets: Record<string, number> = {};
  const counters: string[] = [];
  for (const [, kind, name = '', body = ''] of blocks) {
    if (kind === 'chain') {
      const rules = body.split('\n').filter((line) => line !== '' && !line.startsWith('\t\ttype '));
      chains[name] = rules.map((line) => / comment "(.*)"$/.exec(line)?.[1] ?? '');
    } else if (kind === 'set')
      sets[name] = /elements = \{ (.*) \}/.exec(body)?.[1]?.split(', ').length ?? 0;
    else counters.push(name);
  }
  return { chains, sets, counters: counters.sort() };
}

describeInOwnNamespace('golden rulesets in the kernel', () => {
  afterEach(() => {
    nft('flush', 'ruleset');
  });

  for (const { name, rulesetFile, ruleset } of goldenCases()) {
    it(`${name} loads, twice, and reads back`, () => {
      nft('-f', rulesetFile);
      nft('-f', rulesetFile);
      assert.deepEqual(readBack(), written(ruleset));
    });
  }
});
