import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';

/** What is watched after a change, and for how long. */
export interface RollbackSettings {
  readonly onDatastoreLoss: boolean;
  readonly onSshLoss: boolean;
  readonly withinMs: number;
}

/** What watching needs from outside. */
export interface WatchPorts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly settings: RollbackSettings;
  /** Whether the datastore accepts a new connection; null where it is no network away. */
  readonly isDatastoreReachable: (() => Promise<boolean>) | null;
  /** Established SSH sessions that the rules in force refuse, in words. */
  refusedSessions(): Promise<readonly string[]>;
}

/** Told what comes of it. */
export interface WatchObserver {
  /** The rules in force refuse an established SSH session. */
  sshLost(): void;
  /** The time is over. */
  ended(): void;
}

const LOOK_MS = 1_000;

/** Looks for signs that the rules in force cut this host off, each second until the time of a change is over. */
export class RollbackWatch {
  readonly #ports: WatchPorts;
  readonly #observer: WatchObserver;
  #isConnected = false;
  /** Whether the datastore was there when the rules changed, and whether it was reached since. */
  #wasConnected = false;
  #isReached = false;
  /** Tells a look that is under way whether it is still wanted. */
  #round = 0;
  #cancelEnd: Cancel = () => undefined;
  #cancelLook: Cancel = () => undefined;

  constructor(ports: WatchPorts, observer: WatchObserver) {
    this.#ports = ports;
    this.#observer = observer;
  }

  /** Whether this host is configured to look for anything. */
  get isOn(): boolean {
    return this.#ports.settings.onSshLoss || this.#isDatastoreWatched;
  }

  /** Whether the datastore was there when the rules changed, and is out of reach since. */
  get isCutOff(): boolean {
    if (!this.#isDatastoreWatched) return false;
    return this.#wasConnected && !(this.#isConnected && this.#isReached);
  }

  /** The datastore answers, or does not. */
  connected(isConnected: boolean): void {
    this.#isConnected = isConnected;
    if (isConnected) this.#isReached = true;
  }

  /** Rules changed: what was reached before says nothing about them. */
  changed(wasConnected = this.#isConnected): void {
    this.#isReached = false;
    this.#wasConnected = wasConnected;
  }

  /** Looks from now on, until that moment; what was asked for before is forgotten. */
  start(until: number): void {
    this.stop();
    const { clock } = this.#ports;
    this.#cancelEnd = clock.after(Math.max(0, until - clock.now()), () => {
      this.#observer.ended();
    });
    this.#lookAfter(0);
  }

  /** Looks no more. */
  stop(): void {
    this.#round += 1;
    this.#cancelEnd();
    this.#cancelLook();
  }

  get #isDatastoreWatched(): boolean {
    return this.#ports.settings.onDatastoreLoss && this.#ports.isDatastoreReachable !== null;
  }

  #lookAfter(ms: number): void {
    this.#cancelLook = this.#ports.clock.after(ms, () => {
      void this.#look();
    });
  }

  // Never rejects: what cannot be found out is no reason to change anything.
  async #look(): Promise<void> {
    const { settings, isDatastoreReachable, logger } = this.#ports;
    const round = this.#round;
    try {
      const refused = settings.onSshLoss ? await this.#ports.refusedSessions() : [];
      if (this.#round !== round) return;
      if (refused.length > 0) {
        logger.error({ sessions: refused }, 'the rules in force refuse established SSH sessions');
        this.#observer.sshLost();
        return;
      }
      if (settings.onDatastoreLoss && !this.#isReached && isDatastoreReachable !== null) {
        const isReached = await isDatastoreReachable();
        // Else it answers for the rules of before.
        if (isReached && this.#round === round) this.#isReached = true;
      }
    } catch (error) {
      logger.warn({ error }, 'whether the rules in force cut this host off cannot be found out');
    }
    if (this.#round === round) this.#lookAfter(LOOK_MS);
  }
}
