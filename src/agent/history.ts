import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { HistoryAnswer, HistoryRecord, MembersRecord } from '../report/history.ts';
import type { CounterReading } from '../status/counter-ledger.ts';
import { knownOf, membersRecord, rulesRecord } from './history-changes.ts';
import type { KnownPolicy, Moment } from './history-changes.ts';
import { DAMAGED_FILE, HistoryFile } from './history-file.ts';
import { NO_STATE, readHistoryState, saveHistoryState } from './history-state.ts';
import type { HistoryState } from './history-state.ts';
import type { TurnReport } from './turn-report.ts';
import { digestPolicy } from './policy-digest.ts';
import type { PolicyDigest } from './policy-digest.ts';
import { nextUses, ruleUse } from './rule-uses.ts';
import type { CounterUse } from './rule-uses.ts';
import { SetSizes } from './set-sizes.ts';
import { SettlingPolicy } from './settling-policy.ts';
import type { SettledPolicy } from './settling-policy.ts';

export interface HistoryPorts {
  readonly stateDir: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nftables: Pick<Nftables, 'counters'>;
}

/**
 * Turns in which only members of sets changed become one record within this time; counters are read, and the state is
 * saved, as often.
 */
export const HISTORY_INTERVAL_MS = 60_000;

/**
 * Remembers, bounded, what came into force on this host and when rules were last hit. Never in the way of a turn:
 * everything is compared and written after it; what cannot be written is an alarm.
 */
export class History {
  readonly #ports: HistoryPorts;
  readonly #file: HistoryFile;
  #known: KnownPolicy | null = null;
  /** Of the last record about rules: a process that died may have written it without saving its state. */
  #recordedHash = '';
  #uses: ReadonlyMap<string, CounterUse> = new Map();
  #digest: PolicyDigest | null = null;
  readonly #settling: SettlingPolicy;
  readonly #sizes = new SetSizes();
  #isFirst = true;
  #members: MembersRecord | null = null;
  #queue: Promise<void> = Promise.resolve();
  #cancel: Cancel = () => undefined;
  #isClosed = false;
  #isDamaged = false;
  #error: string | null = null;

  constructor(ports: HistoryPorts, file = new HistoryFile(ports.stateDir, ports.logger)) {
    this.#ports = ports;
    this.#file = file;
    this.#settling = new SettlingPolicy(ports.clock, () => {
      void this.#compareNow();
    });
    void this.#enqueue(() => this.#open());
    this.#tick();
  }

  /** A turn ended well. */
  turned(report: TurnReport): void {
    const { endpoints, sets } = report.resolution.policy;
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    const changed = this.#sizes.changed(sets);
    const at = new Date(this.#ports.clock.now()).toISOString();
    const moment: Moment = { at, revision: report.revision, objects: report.changed };
    this.#settling.use(endpoints, moment);
    if (isFirst || report.written === null || changed.length === 0) return;
    void this.#enqueue(() => {
      this.#members = membersRecord(this.#members, moment, changed);
      return Promise.resolve();
    });
  }

  /** What is remembered, with the use of every rule up to now. Rejects with NftablesError and the system's error. */
  async answer(): Promise<HistoryAnswer> {
    const { clock, nftables } = this.#ports;
    await this.#compareNow();
    await this.#enqueue(() => this.#writeMembers());
    const readings = await nftables.counters();
    const digest = this.#digest ?? digestPolicy([]);
    this.#read(readings, digest);
    const packets = new Map(readings.map((one) => [one.name, one.packets]));
    return {
      at: new Date(clock.now()).toISOString(),
      policyHash: digest.hash,
      policies: digest.policies,
      rules: digest.rules.map((rule) => ruleUse(rule, this.#uses.get(rule.counter), packets)),
      history: this.#file.read(clock.now()),
    };
  }

  /** What is wrong with the files. */
  faults(): readonly { readonly code: string; readonly message: string }[] {
    const { stateDir } = this.#ports;
    const damaged = `the history of this host was damaged; what could be read of it goes on, the damaged file is ${stateDir}/${DAMAGED_FILE}: look at it, remove it, and restart rampartd`;
    const unsaved = `the history of this host cannot be written to ${stateDir}, changes will be missing in reports: ${this.#error ?? ''}`;
    return [
      ...(this.#isDamaged ? [{ code: 'history-damaged', message: damaged }] : []),
      ...(this.#error === null ? [] : [{ code: 'history-unsaved', message: unsaved }]),
    ];
  }

  /** Writes what waits, with the last use of rules, then stops. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#compareNow();
    await this.#enqueue(() => this.#look());
  }

  // One after the other; never rejects.
  #enqueue(task: () => Promise<void>): Promise<void> {
    this.#queue = this.#queue.then(async () => {
      try {
        await task();
      } catch (thrown) {
        this.#fail(toError(thrown).message);
      }
    });
    return this.#queue;
  }

  #fail(error: string): void {
    if (error !== this.#error)
      this.#ports.logger.error({ error }, 'could not write the history of this host');
    this.#error = error;
  }

  async #open(): Promise<void> {
    const isDamaged = await this.#file.open();
    const saved = await readHistoryState(this.#ports.stateDir);
    const state: HistoryState = saved ?? NO_STATE;
    this.#known = state.known;
    this.#uses = state.uses;
    this.#isDamaged = isDamaged || saved === null;
    const records = this.#file.read(this.#ports.clock.now());
    const last = records.findLast(({ kind }) => kind === 'rules');
    if (last?.kind === 'rules') this.#recordedHash = last.policyHash;
    if (this.#isDamaged) this.#ports.logger.error({}, 'the history of this host was damaged');
  }

  // Resolves when everything that waited is done.
  #compareNow(): Promise<void> {
    const waiting = this.#settling.take();
    if (waiting === null) return this.#queue;
    return this.#enqueue(() => this.#compare(waiting));
  }

  async #compare({ endpoints, moment }: SettledPolicy): Promise<void> {
    const digest = digestPolicy(endpoints);
    this.#digest = digest;
    const before = this.#known ?? { hash: '', policies: [], rules: [] };
    const after = knownOf(digest);
    if (before.hash === after.hash) return;
    this.#known = after;
    if (after.hash === this.#recordedHash) return;
    await this.#writeMembers();
    await this.#append(rulesRecord(before, after, moment));
    this.#recordedHash = after.hash;
  }

  async #writeMembers(): Promise<void> {
    const record = this.#members;
    this.#members = null;
    if (record !== null) await this.#append(record);
  }

  async #append(record: HistoryRecord): Promise<void> {
    await this.#file.append([record], this.#ports.clock.now());
    this.#error = null;
  }

  async #save(): Promise<void> {
    await saveHistoryState(this.#ports.stateDir, { known: this.#known, uses: this.#uses });
    this.#error = null;
  }

  #tick(): void {
    this.#cancel = this.#ports.clock.after(HISTORY_INTERVAL_MS, () => {
      void this.#enqueue(() => this.#look()).then(() => {
        if (!this.#isClosed) this.#tick();
      });
    });
  }

  async #look(): Promise<void> {
    await this.#writeMembers();
    // Before the first turn nobody knows which counters are rules.
    if (this.#digest === null) return;
    this.#read(await this.#ports.nftables.counters(), this.#digest);
    await this.#save();
  }

  #read(readings: readonly CounterReading[], { rules }: PolicyDigest): void {
    const wanted = new Set(rules.map(({ counter }) => counter));
    this.#uses = nextUses(this.#uses, readings, { wanted, now: this.#ports.clock.now() });
  }
}
