import { isOurMap } from '../ruleset/named-maps.ts';
import { TABLE } from '../ruleset/ruleset.ts';
import type { Hook } from '../ruleset/ruleset.ts';
import type {
  CounterValue,
  ForeignKind,
  FoundChain,
  FoundSet,
  TableInventory,
} from '../ruleset/transaction.ts';
import { NftablesError } from '../base/errors.ts';

type Fields = Readonly<Record<string, unknown>>;

const HOOKS: ReadonlySet<unknown> = new Set<Hook>([
  'prerouting',
  'input',
  'forward',
  'output',
  'postrouting',
]);

const FOREIGN_KINDS: ReadonlySet<string> = new Set<ForeignKind>([
  'map',
  'flowtable',
  'quota',
  'limit',
  'ct helper',
  'ct timeout',
  'ct expectation',
  'secmark',
  'synproxy',
]);

/**
 * What is in our table according to nft's JSON listings, one document a line; objects of other tables are
 * passed over. Throws NftablesError `unknown` for text that is not such a listing.
 */
export function parseInventory(listings: string): TableInventory {
  const chains: FoundChain[] = [];
  const sets: FoundSet[] = [];
  const maps: FoundSet[] = [];
  const counters: CounterValue[] = [];
  const foreign: { kind: ForeignKind; name: string }[] = [];
  for (const [kind, fields] of listedObjects(listings)) {
    if (!isOurs(fields)) continue;
    const name = String(fields['name']);
    if (kind === 'chain') chains.push({ name, base: readBase(fields) });
    else if (kind === 'set') sets.push({ name });
    else if (kind === 'map' && isOurMap(name)) maps.push({ name });
    else if (kind === 'counter') counters.push(readCounter(name, fields));
    else if (isForeignKind(kind)) foreign.push({ kind, name });
  }
  return { chains, sets, maps, counters, foreign };
}

/** The version that a listing says it comes from, such as `1.0.6`; empty when it does not say. */
export function listedVersion(listings: string): string {
  for (const [kind, fields] of listedObjects(listings))
    if (kind === 'metainfo') return String(fields['version']);
  return '';
}

function* listedObjects(listings: string): Generator<readonly [string, Fields], void> {
  for (const line of listings.split('\n')) {
    if (line.trim() === '') continue;
    for (const entry of readDocument(line)) yield* Object.entries(asFields(entry)).map(asObject);
  }
}

function asObject([kind, fields]: readonly [string, unknown]): readonly [string, Fields] {
  return [kind, asFields(fields)];
}

function readDocument(line: string): readonly unknown[] {
  try {
    const entries = asFields(JSON.parse(line) as unknown)['nftables'];
    if (Array.isArray(entries)) return entries as readonly unknown[];
  } catch (cause) {
    throw unreadable(line, cause);
  }
  throw unreadable(line);
}

function unreadable(line: string, cause?: unknown): NftablesError {
  const start = JSON.stringify(line.slice(0, 80));
  return new NftablesError('unknown', `nft's listing is not the JSON we know: ${start}`, cause);
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function isOurs(fields: Fields): boolean {
  return fields['family'] === TABLE.family && fields['table'] === TABLE.name;
}

function isForeignKind(kind: string): kind is ForeignKind {
  return FOREIGN_KINDS.has(kind);
}

function readBase(chain: Fields): FoundChain['base'] {
  const { hook, type, policy, prio, dev } = chain as Readonly<Record<string, unknown>> & {
    readonly hook?: unknown;
    readonly type?: unknown;
    readonly policy?: unknown;
    readonly prio?: unknown;
    readonly dev?: unknown;
  };
  if (hook === undefined) return null;
  const known = HOOKS.has(hook) && type === 'filter' && policy === 'accept' && dev === undefined;
  return known && typeof prio === 'number' ? { hook: hook as Hook, priority: prio } : 'foreign';
}

function readCounter(name: string, counter: Fields): CounterValue {
  return { name, packets: Number(counter['packets']), bytes: Number(counter['bytes']) };
}
