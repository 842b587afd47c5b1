import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { CompileSettings } from '../compile/settings.ts';
import type { Host } from '../host/host.ts';
import type { ForeignChange, Nftables } from '../nftables-json/nftables.ts';
import type { FelixLayers } from '../policy/felix-layers.ts';
import type { ClusterInformation, Kind } from '../resource/resource.ts';
import type { Ruleset } from '../ruleset/ruleset.ts';
import type { Source } from '../source/source.ts';
import type { Gate } from './datastore-gate.ts';
import type { TurnReport, Wanted } from './turn-report.ts';

/** The settings in force, and whether an interface is out of bounds for host endpoints. */
export interface LoopSettings {
  readonly compile: CompileSettings;
  isExcluded(interfaceName: string): boolean;
}

/** Everything the loop needs from outside. */
export interface LoopPorts {
  readonly nodeName: string;
  readonly source: Source;
  readonly host: Host;
  readonly nftables: Nftables;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Settings that result from these layers; equal settings are answered with the same object. */
  settings(layers: FelixLayers): { settings: LoopSettings; problems: readonly Problem[] };
  gate(clusterInformation: ClusterInformation | null): Gate;
  /** What the kernel took last, its sets as they were then; null before the first turn. */
  inForce(): Ruleset | null;
  /** An operator has opened this host on purpose: our table is taken away and kept away. */
  isFlushed(): boolean;
  /** An equivalent ruleset, or the same. */
  optimise(ruleset: Ruleset): Ruleset;
  /**
   * What is written for `wanted`: that, or what was in force before where it has turned out to be bad. `objects`
   * names what the turn took in.
   */
  admit(wanted: Wanted, objects: readonly string[]): Wanted;
  readonly observer: LoopObserver;
}

/** Told what happens; must not block. What it throws is logged and changes nothing. */
export interface LoopObserver {
  /** How many objects of each kind were delivered, and how long it took to take them in. */
  updated(counts: ReadonlyMap<Kind, number>, durationMs: number): void;
  connected(isConnected: boolean): void;
  /** A turn begins: the kernel will be asked. */
  turning(): void;
  turned(report: TurnReport): void;
  failed(error: Error, failures: number): void;
  /** Our table is gone, as an operator asked. */
  flushed(): void;
  /** Nothing new may be applied, and what was in force is again. */
  restored(): void;
  foreignChange(change: ForeignChange): void;
}
