import type { Clock } from '../../src/base/clock.ts';
import { NftablesError } from '../../src/base/errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Gate } from '../../src/agent/datastore-gate.ts';
import { Loop } from '../../src/agent/loop.ts';
import type { LoopObserver } from '../../src/agent/loop-ports.ts';
import type { TurnReport } from '../../src/agent/turn-report.ts';
import { createOptimiser } from '../../src/optimise/optimise.ts';
import { createMemoryHost } from '../../src/host/memory-host.ts';
import { MemoryNftables } from '../../src/nftables-json/memory-nftables.ts';
import type { Nftables } from '../../src/nftables-json/nftables.ts';
import { createMemorySource } from '../../src/source/memory-source.ts';
import type { MemorySource } from '../../src/source/memory-source.ts';
import type { ClusterInformation } from '../../src/resource/resource.ts';
import { stored } from '../support/calico.ts';
import type { CalicoObject } from '../support/calico.ts';
import { SETTINGS } from '../support/settings.ts';

/** A refusal by the kernel. */
export const BUSY = new NftablesError('busy', 'Device or resource busy');

/** A loop on memory implementations of all its ports, and a view of what happens. */
export interface Rig {
  readonly source: MemorySource;
  readonly nftables: MemoryNftables;
  readonly loop: Loop;
  readonly turns: readonly TurnReport[];
  readonly failures: readonly Error[];
  /** Stores objects in one transaction. */
  put(...objects: readonly CalicoObject[]): void;
  /** Opens the host, or protects it again. */
  setFlushed(value: boolean): Promise<void>;
  setGate(decide: (clusterInformation: ClusterInformation | null) => Gate): void;
  /** Resolves when nothing is queued or in flight any more. */
  settled(): Promise<void>;
}

const ETH0 = { index: 2, name: 'eth0', running: true, addresses: ['10.0.1.1'] };

/** A loop that has not been started. `clock` runs retries at once unless another one is given; the loop reaches nftables by way of `through`. */
export function createRig(
  clock: Clock = instantClock,
  nftables = new MemoryNftables(),
  also: Partial<LoopObserver> = {},
  through: (nftables: Nftables) => Nftables = (same) => same,
): Rig {
  const source = createMemorySource();
  const turns: TurnReport[] = [];
  const failures: Error[] = [];
  let isFlushed = false;
  let gate: (clusterInformation: ClusterInformation | null) => Gate = () => ({ isOpen: true });
  const observer: LoopObserver = {
    updated: () => undefined,
    connected: () => undefined,
    turning: () => undefined,
    turned: (report) => turns.push(report),
    failed: (error) => failures.push(error),
    foreignChange: () => undefined,
    flushed: () => undefined,
    restored: () => undefined,
    ...also,
  };
  const settings = { compile: SETTINGS, isExcluded: () => false };
  const loop = new Loop({
    nodeName: 'hosta',
    source,
    host: createMemoryHost([ETH0]),
    nftables: through(nftables),
    clock,
    logger: silentLogger,
    settings: () => ({ settings, problems: [] }),
    gate: (clusterInformation) => gate(clusterInformation),
    inForce: () => turns.at(-1)?.ruleset ?? null,
    isFlushed: () => isFlushed,
    optimise: createOptimiser(),
    admit: (wanted) => wanted,
    observer,
  });
  return {
    source,
    nftables,
    loop,
    turns,
    failures,
    put: (...objects) => {
      source.transaction(objects.map(stored).map(([key, value]) => ({ key, value })));
    },
    setFlushed: (value) => {
      isFlushed = value;
      return loop.reconsider();
    },
    setGate: (decide) => {
      gate = decide;
    },
    // Everything here runs in microtasks, so one turn of the event loop ends after all of it.
    settled: () => new Promise((resolve) => setImmediate(resolve)),
  };
}

// What comes back at intervals would come back for ever.
const LONGEST_RETRY_MS = 10_000;

let instant = 0;
const instantClock: Clock = {
  now: () => 0,
  monotonic: () => instant,
  after: (delayMs, task) => {
    if (delayMs > LONGEST_RETRY_MS) return () => undefined;
    queueMicrotask(() => {
      instant += delayMs;
      task();
    });
    return () => undefined;
  },
};
