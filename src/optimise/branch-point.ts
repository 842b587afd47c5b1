import { addressLength } from '../net/address.ts';
import { cidrOf, parseNet } from '../net/cidr.ts';
import type { AddressSide, BranchField, Chain, Family, Match, Rule } from '../ruleset/ruleset.ts';
import { reachesOf } from './reach.ts';
import type { Reach } from './reach.ts';

/** One entry that a rule has in the maps of a branch point. */
export interface BranchKey {
  /** Unique within the branch point. */
  readonly id: string;
  readonly field: BranchField;
  /** Equal for keys of one map: they look at the same field under the same conditions. */
  readonly map: string;
  /** What has to hold before the field can be looked at. */
  readonly matches: readonly Match[];
  readonly key: string;
  /** The same for a name. */
  readonly label: string;
  /** The entry that it is under where the map is one of maps. */
  readonly coarse: () => BranchKey;
}

/** One way to tell rules apart by what packets they are for. */
export interface BranchPoint {
  /** The keys of all packets that a rule or chain can meet; null when there are too many, or they are not known. */
  keysOf(subject: Rule | Chain): readonly BranchKey[] | null;
}

// A rule stands under each of its keys.
const MOST_KEYS = 64;
/** How many bits of a key the outer map leaves to the inner ones: 64 entries in each. */
const INNER_BITS = 6;
const ALL_PORT_BITS = 0xffff;

/** All of them, those that tell most rules apart first. */
export const BRANCH_POINTS: readonly BranchPoint[] = [
  branchPoint(serviceKeys),
  ...([0, 1, 2, 3] as const).flatMap((level) =>
    (['saddr', 'daddr'] as const).map((side) =>
      branchPoint((reach) => netKeys(reach, side, level)),
    ),
  ),
];

function branchPoint(keysOfReach: (reach: Reach) => readonly BranchKey[] | null): BranchPoint {
  const memo = new WeakMap<object, readonly BranchKey[] | null>();
  return {
    keysOf: (subject) => {
      let keys = memo.get(subject);
      if (keys === undefined) {
        keys = collectKeys(reachesOf(subject), keysOfReach);
        memo.set(subject, keys);
      }
      return keys;
    },
  };
}

function collectKeys(
  reaches: readonly Reach[] | null,
  keysOfReach: (reach: Reach) => readonly BranchKey[] | null,
): readonly BranchKey[] | null {
  if (reaches === null) return null;
  const byId = new Map<string, BranchKey>();
  for (const reach of reaches) {
    const keys = keysOfReach(reach);
    if (keys === null) return null;
    for (const key of keys) byId.set(key.id, key);
    if (byId.size > MOST_KEYS) return null;
  }
  // What no packet can meet stays where it is.
  return byId.size === 0 ? null : [...byId.values()];
}

function serviceKeys({ protocols, ports }: Reach): readonly BranchKey[] | null {
  if (protocols === null || ports === null) return null;
  const count = ports.reduce((sum, { from, to }) => sum + to - from + 1, 0);
  if (count * protocols.length > MOST_KEYS) return null;
  return protocols.flatMap((protocol) =>
    ports.flatMap(({ from, to }) =>
      Array.from({ length: to - from + 1 }, (_, i) => serviceKey(protocol, from + i, 0)),
    ),
  );
}

function serviceKey(protocol: number, port: number, cutBits: number): BranchKey {
  const mask = ALL_PORT_BITS & ~((1 << cutBits) - 1);
  const start = port & mask;
  const range = cutBits === 0 ? '' : `-${start | (ALL_PORT_BITS & ~mask)}`;
  return {
    id: `${protocol} ${start}`,
    map: `dport ${protocol} ${mask}`,
    field: { kind: 'dport', mask },
    matches: [{ kind: 'l4proto', negated: false, protocols: [protocol] }],
    key: String(start),
    label: `dport-${protocol}-${start}${range}`,
    coarse: once(() => serviceKey(protocol, port, INNER_BITS)),
  };
}

const PREFIXES: Readonly<Record<Family, readonly [number, number, number, number]>> = {
  4: [32, 24, 16, 8],
  6: [128, 64, 48, 32],
};

function netKeys(
  { nets }: Reach,
  side: AddressSide,
  level: 0 | 1 | 2 | 3,
): readonly BranchKey[] | null {
  const texts = nets[side];
  if (texts === null || texts.length > MOST_KEYS) return null;
  const keys: BranchKey[] = [];
  for (const text of texts) {
    const net = parseNet(text);
    if (net === null) return null;
    const { family, bits } = net;
    const prefix = PREFIXES[family][level];
    const missing = Math.max(0, prefix - net.prefix);
    if (2 ** missing > MOST_KEYS) return null;
    const step = 1n << BigInt(addressLength(family) - prefix);
    for (let i = 0; i < 2 ** missing; i++) {
      keys.push(netKey({ side, family, prefix }, bits + BigInt(i) * step));
    }
  }
  return keys;
}

function netKey(
  at: { readonly side: AddressSide; readonly family: Family; readonly prefix: number },
  bits: bigint,
): BranchKey {
  const { side, family, prefix } = at;
  const [key = ''] = cidrOf(family, bits, prefix).text.split('/');
  return {
    id: key,
    map: `${side} ${family} ${prefix}`,
    field: { kind: side, family, prefix },
    matches: [],
    key,
    label: `${side}-${prefix}-${key.replaceAll(':', '_')}`,
    coarse: once(() => netKey({ ...at, prefix: prefix - INNER_BITS }, bits)),
  };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
