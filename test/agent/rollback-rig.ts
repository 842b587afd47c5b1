import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Programmed } from '../../src/agent/last-good.ts';
import { Rollback } from '../../src/agent/rollback.ts';
import { RollbackFile } from '../../src/agent/rollback-file.ts';
import type { SavedRollback } from '../../src/agent/rollback-file.ts';
import type { RollbackSettings } from '../../src/agent/rollback-watch.ts';
import type { TurnReport, Wanted } from '../../src/agent/turn-report.ts';
import { silentLogger } from '../../src/base/logger.ts';
import type { Ruleset } from '../../src/ruleset/ruleset.ts';
import { createManualClock } from '../status/manual-clock.ts';

/** A ruleset that differs from those of other names. */
export function rulesNamed(name: string): Ruleset {
  const chains = new Map([[name, { name, base: null, rules: [] }]]);
  return { chains, sets: new Map(), counters: new Set() };
}

/** A rollback over a real state directory, with a clock, a kernel and a datastore that the test owns. */
export class RollbackRig {
  readonly clock = createManualClock(1_000_000);
  readonly staged: ReadonlyMap<string, string>[] = [];
  /** What the kernel holds; null: not known. */
  programmed: Programmed | null = null;
  refused: readonly string[] = [];
  /** Whether the datastore accepts a new connection. */
  reach = (): Promise<boolean> => Promise.resolve(false);
  rewrites = 0;
  rollback: Rollback;
  readonly #stateDir = mkdtempSync(join(tmpdir(), 'rampart-rollback-'));
  readonly #settings: RollbackSettings;

  constructor(settings: RollbackSettings) {
    this.#settings = settings;
    this.rollback = this.#create(this.read());
  }

  /** What a fresh process would find. */
  read(): SavedRollback {
    return this.#file().read();
  }

  /** The process is killed, and the next one starts. */
  async restart(): Promise<void> {
    await this.rollback.saved();
    this.rollback.close();
    this.rollback = this.#create(this.read());
  }

  /** The datastore asks for these rules; answers what the kernel was given. */
  turn(asked: string, objects: readonly string[]): string {
    const admitted = this.rollback.admit(wanted(rulesNamed(asked)), objects);
    const { chains, counters } = admitted.ruleset;
    const name = nameOf(chains);
    const isWritten = this.programmed === null || nameOf(this.programmed.chains) !== name;
    this.programmed = { chains, counters, sets: new Map() };
    this.rollback.turned({ ...admitted, written: isWritten ? WRITTEN : null });
    return name;
  }

  async dispose(): Promise<void> {
    await this.rollback.saved();
    this.rollback.close();
    rmSync(this.#stateDir, { recursive: true });
  }

  #file(): RollbackFile {
    return new RollbackFile(this.#stateDir, silentLogger);
  }

  #create(saved: SavedRollback): Rollback {
    const ports = {
      clock: this.clock,
      logger: silentLogger,
      file: this.#file(),
      settings: this.#settings,
      programmed: () => this.programmed,
      isDatastoreReachable: () => this.reach(),
      refusedSessions: () => Promise.resolve(this.refused),
      rewrite: () => {
        this.rewrites += 1;
      },
      stage: (files: ReadonlyMap<string, string>) => {
        this.staged.push(files);
        return Promise.resolve();
      },
      settled: () => undefined,
      changed: () => undefined,
    };
    return new Rollback(ports, saved);
  }
}

const WRITTEN: TurnReport['written'] = { operations: 1, durationMs: 1 };

function nameOf(chains: Ruleset['chains']): string {
  return [...chains.keys()].join();
}

function wanted(ruleset: Ruleset): Wanted {
  const policy = { endpoints: [], sets: new Map() };
  const resolution = { policy, governed: [], problems: [] };
  const known = { revision: 1, isSaved: false, clusterInformation: null, problemsVersion: 0 };
  return { ...known, changed: [], enforcement: 'enforce', ruleset, resolution };
}
