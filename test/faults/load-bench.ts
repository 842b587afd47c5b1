import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { initialObjects, stored } from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import { Daemon } from '../support/daemon.ts';
import { startEtcd } from '../support/etcd.ts';
import type { Etcd, EtcdOperation } from '../support/etcd.ts';
import { NamespaceGroup } from '../support/netns.ts';
import type { Namespace } from '../support/netns.ts';
import { LoadWorld } from './load-world.ts';
import type { LoadSize } from './load-world.ts';
import { tableText } from './table-text.ts';

// What etcd takes in one transaction.
const MOST_OPERATIONS = 120;
const BATCHES_A_SECOND = 10;
const SAMPLE_MS = 1000;
const EDIT_EVERY_SAMPLES = 5;
const START_MS = 300_000;
const SETTLE_MS = 60_000;

/** How much of it, and for how long. */
export interface LoadForm extends LoadSize {
  readonly changesPerSecond: number;
  readonly seconds: number;
}

/** What was seen. */
export interface LoadResult {
  readonly changes: number;
  /** From etcd's answer to the daemon's word that the kernel holds it, milliseconds. */
  readonly lag: { readonly median: number; readonly p99: number; readonly longest: number };
  /** Resident memory of the daemon once a second, bytes. */
  readonly memory: readonly number[];
  /** The slowest answer of `/liveness`, milliseconds. */
  readonly slowestLivenessMs: number;
  /** The table at the end, and what a fresh start makes of the same datastore. */
  readonly table: string;
  readonly freshTable: string;
}

interface Written {
  readonly revision: number;
  readonly at: number;
}

/** Fills an etcd, lets the real daemon follow it while it changes, and looks on. */
export async function runLoad(form: LoadForm): Promise<LoadResult> {
  const group = new NamespaceGroup();
  let etcd: Etcd | undefined;
  let daemon: Daemon | undefined;
  try {
    const netns = await group.add('load');
    await netns.run(['ip', 'link', 'set', 'lo', 'up']);
    etcd = await startEtcd({ netns: netns.name });
    const world = new LoadWorld(form);
    await write(etcd, [...initialObjects('load'), ...world.objects()]);
    const env = { RAMPART_METRICS_ENABLED: 'true' };
    daemon = new Daemon({ netns, nodeName: 'hosta', etcdEndpoint: etcd.endpoint, env });
    await start(daemon);
    return await follow({ netns, etcd, daemon, world }, form);
  } finally {
    await daemon?.stop();
    await etcd?.stop();
    await group.dispose();
  }
}

// A first view of 100,000 pods takes a loaded machine longer than the daemon's usual start.
async function start(daemon: Daemon): Promise<void> {
  const { position } = daemon;
  daemon.launch();
  const isApplied = ({ msg }: { readonly msg: string }): boolean => msg === 'in sync and applied';
  await daemon.waitFor('the first sync', (lines) => lines.some(isApplied), START_MS, position);
}

interface Bench {
  readonly netns: Namespace;
  readonly etcd: Etcd;
  readonly daemon: Daemon;
  readonly world: LoadWorld;
}

async function follow(bench: Bench, form: LoadForm): Promise<LoadResult> {
  const { netns, daemon } = bench;
  const until = Date.now() + form.seconds * 1000;
  const [written, samples] = await Promise.all([
    change(bench, form, until),
    watch(bench, form, until),
  ]);
  const last = written.at(-1)?.revision ?? assert.fail('nothing was written');
  const reached = (revision: unknown): boolean => typeof revision === 'number' && revision >= last;
  await daemon.waitFor(
    'the last change',
    (lines) => lines.slice(-100).some((line) => isTurn(line.msg) && reached(line.revision)),
    SETTLE_MS,
    0,
  );
  const lags = lagsOf(written, daemon);
  const table = await tableText(netns);
  await daemon.kill();
  await netns.run(['nft', 'delete', 'table', 'inet', 'rampart']);
  await start(daemon);
  return {
    changes: written.length * Math.ceil(form.changesPerSecond / BATCHES_A_SECOND),
    lag: { median: at(lags, 0.5), p99: at(lags, 0.99), longest: at(lags, 1) },
    ...samples,
    table,
    freshTable: await tableText(netns),
  };
}

async function change(bench: Bench, form: LoadForm, until: number): Promise<readonly Written[]> {
  const written: Written[] = [];
  const size = Math.ceil(form.changesPerSecond / BATCHES_A_SECOND);
  let due = Date.now();
  while (Date.now() < until) {
    const operations = Array.from({ length: size }, () => bench.world.change());
    written.push({ revision: await bench.etcd.txn(lastOfEach(operations)), at: Date.now() });
    due += 1000 / BATCHES_A_SECOND;
    await delay(Math.max(0, due - Date.now()));
  }
  return written;
}

// etcd refuses a key that occurs twice in one transaction.
function lastOfEach(operations: readonly EtcdOperation[]): readonly EtcdOperation[] {
  return [...new Map(operations.map((one) => [one.key, one])).values()];
}

async function watch(
  { netns, etcd, world }: Bench,
  form: LoadForm,
  until: number,
): Promise<Pick<LoadResult, 'memory' | 'slowestLivenessMs'>> {
  const memory: number[] = [];
  let slowestLivenessMs = 0;
  for (let sample = 1; Date.now() < until; sample++) {
    const metrics = await netns.run(['curl', '-sS', 'http://127.0.0.1:9091/metrics']);
    memory.push(Number(/^process_resident_memory_bytes (\S+)$/m.exec(metrics)?.[1]));
    const timing = ['-sSf', '-o', '/dev/null', '-w', '%{time_total}', '-m', '10'];
    const seconds = await netns.run(['curl', ...timing, 'http://127.0.0.1:9099/liveness']);
    slowestLivenessMs = Math.max(slowestLivenessMs, Number(seconds) * 1000);
    if (form.nets > 0 && sample % EDIT_EVERY_SAMPLES === 0) await write(etcd, [world.editNets()]);
    await delay(SAMPLE_MS);
  }
  return { memory, slowestLivenessMs };
}

async function write(etcd: Etcd, objects: readonly CalicoObject[]): Promise<void> {
  const isLarge = ({ kind }: CalicoObject): boolean => kind === 'GlobalNetworkSet';
  const operations = (some: readonly CalicoObject[]): readonly EtcdOperation[] =>
    some.map(stored).map(([key, value]) => ({ key, value }));
  for (const object of objects.filter(isLarge)) await etcd.txn(operations([object]));
  const small = objects.filter((object) => !isLarge(object));
  for (let first = 0; first < small.length; first += MOST_OPERATIONS)
    await etcd.txn(operations(small.slice(first, first + MOST_OPERATIONS)));
}

function lagsOf(written: readonly Written[], daemon: Daemon): readonly number[] {
  const turns = daemon.log
    .filter((line) => isTurn(line.msg))
    .map(({ revision = 0, time }) => ({ revision, at: Date.parse(String(time)) }));
  let turn = 0;
  const lags = written.map(({ revision, at: writtenAt }) => {
    while ((turns[turn]?.revision ?? Infinity) < revision) turn++;
    return Math.max(0, (turns[turn]?.at ?? Infinity) - writtenAt);
  });
  return lags.sort((a, b) => a - b);
}

function isTurn(message: string): boolean {
  return message === 'applied' || message === 'unchanged';
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
