import { contentHash } from '../base/hash.ts';
import { branchMask, mapKeyType } from './branch.ts';
import { interfaceText } from './nft-match-text.ts';
import { lookupOf } from './references.ts';
import type { Chain, MapVerdict, Rule } from './ruleset.ts';

/** A map under a name. */
export interface PrintableMap {
  readonly name: string;
  readonly verdict: MapVerdict;
}

/** The maps that a chain's rules look into, by rule. Their names follow from that of the chain. */
export function mapsOf({ name, rules }: Chain): ReadonlyMap<Rule, PrintableMap> {
  const maps = new Map<Rule, PrintableMap>();
  for (const rule of rules) {
    const verdict = lookupOf(rule);
    if (verdict === null || maps.has(rule)) continue;
    maps.set(rule, { name: `m-${contentHash(name)}-${maps.size}`, verdict });
  }
  return maps;
}

/** A verdict that is looked up, in a map of that name or, where there is none, in one that goes with the rule. */
export function lookupText(verdict: MapVerdict, map?: string): string {
  const where = map === undefined ? `{ ${entriesText(verdict)} }` : `@${map}`;
  return `${keyText(verdict)} vmap ${where}`;
}

/** The declaration of a map. */
export function mapText({ name, verdict }: PrintableMap): string {
  const lines = [
    `type ${mapKeyType(verdict)} : verdict`,
    'flags constant',
    `size ${verdict.chains.size}`,
    `elements = { ${entriesText(verdict)} }`,
  ];
  return `\tmap ${name} {\n${lines.map((line) => `\t\t${line}\n`).join('')}\t}\n`;
}

function keyText(verdict: MapVerdict): string {
  if (verdict.kind === 'dispatch') return verdict.key;
  const { field } = verdict;
  const value =
    field.kind === 'dport' ? 'th dport' : `${field.family === 4 ? 'ip' : 'ip6'} ${field.kind}`;
  const mask = branchMask(field);
  if (mask === null) return value;
  return `${value} & ${typeof mask === 'number' ? `0x${mask.toString(16)}` : mask}`;
}

function entriesText(verdict: MapVerdict): string {
  const [code, text] =
    verdict.kind === 'dispatch' ? ['goto', interfaceText] : ['jump', (key: string) => key];
  return Array.from(verdict.chains, ([key, chain]) => `${text(key)} : ${code} ${chain}`).join(', ');
}
