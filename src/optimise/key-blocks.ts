import type { BranchKey } from './branch-point.ts';
import type { Bucket } from './verdict-maps.ts';

/** The buckets under one coarser key, and their places in the list of all. The same object while nothing in it changes. */
export interface KeyBlock {
  readonly key: BranchKey;
  readonly places: readonly number[];
  readonly buckets: readonly Bucket[];
}

/** The key that a rule had and the one that it has. */
export interface KeyChange {
  readonly before: BranchKey;
  readonly after: BranchKey;
}

const known = new WeakMap<readonly Bucket[], readonly KeyBlock[]>();

/** The buckets under coarser keys, in the order of their first ones. */
export function keyBlocks(buckets: readonly Bucket[]): readonly KeyBlock[] {
  const blocks = known.get(buckets) ?? blocksOf(buckets);
  known.set(buckets, blocks);
  return blocks;
}

function blocksOf(buckets: readonly Bucket[]): readonly KeyBlock[] {
  const blocks = new Map<
    string,
    { readonly key: BranchKey; readonly places: number[]; readonly buckets: Bucket[] }
  >();
  for (const [place, bucket] of buckets.entries()) {
    const key = bucket.key.coarse();
    const block = blocks.get(key.id) ?? { key, places: [], buckets: [] };
    block.places.push(place);
    block.buckets.push(bucket);
    blocks.set(key.id, block);
  }
  return [...blocks.values()];
}

/**
 * The buckets with other keys for some that have one rule each, so that their order stays; only the blocks of these
 * keys are looked at. Null when a key is not for one rule alone, before or after.
 */
export function replaceKeys(
  buckets: readonly Bucket[],
  changes: readonly (KeyChange | null)[],
): readonly Bucket[] | null {
  const next = [...buckets];
  const blocks = new Map(keyBlocks(buckets).map((block) => [block.key.id, block]));
  for (const change of changes) {
    if (change === null || !replaceKey(next, blocks, change)) return null;
  }
  const first = ({ places }: KeyBlock): number => places[0] ?? 0;
  known.set(
    next,
    [...blocks.values()].sort((a, b) => first(a) - first(b)),
  );
  return next;
}

function replaceKey(
  buckets: Bucket[],
  blocks: Map<string, KeyBlock>,
  { before, after }: KeyChange,
): boolean {
  const place = placeOf(before, blocks);
  const bucket = place === null ? undefined : buckets[place];
  if (place === null || bucket?.rules.length !== 1) return false;
  movePlace(buckets, blocks, {
    key: before.coarse(),
    move: (all) => all.filter((one) => one !== place),
  });
  if (placeOf(after, blocks) !== null) return false;
  buckets[place] = { key: after, rules: bucket.rules };
  movePlace(buckets, blocks, {
    key: after.coarse(),
    move: (all) => [...all, place].sort((a, b) => a - b),
  });
  return true;
}

function placeOf(key: BranchKey, blocks: ReadonlyMap<string, KeyBlock>): number | null {
  const block = blocks.get(key.coarse().id);
  return block?.places[block.buckets.findIndex((bucket) => bucket.key.id === key.id)] ?? null;
}

function movePlace(
  all: readonly Bucket[],
  blocks: Map<string, KeyBlock>,
  {
    key,
    move,
  }: { readonly key: BranchKey; readonly move: (places: readonly number[]) => readonly number[] },
): void {
  const places = move(blocks.get(key.id)?.places ?? []);
  const buckets = places.flatMap((place) => all[place] ?? []);
  if (places.length === 0) blocks.delete(key.id);
  else blocks.set(key.id, { key, places, buckets });
}
