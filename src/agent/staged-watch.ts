import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Conntrack } from '../conntrack/conntrack.ts';
import type { Routes } from '../host/routes.ts';
import type { ExplainSettings } from '../explain/explain-settings.ts';
import { FlowWays } from './flow-ways.ts';
import { liveConnections } from './live-connections.ts';
import type { PacketLog } from '../nflog/packet-log.ts';
import type { Loop } from './loop.ts';
import { StagedFlows } from './staged-flows.ts';
import type { StagedTally } from './staged-flows.ts';
import { judgeStaged } from './staged-judging.ts';
import { StagedPackets } from './staged-packets.ts';
import { WaitingPackets } from './waiting-packets.ts';

/** What the watch looks at. */
export interface StagedWatchInputs {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly conntrack: Pick<Conntrack, 'list'>;
  readonly routes: Pick<Routes, 'to'>;
  readonly packetLog: PacketLog;
  readonly loop: () => Pick<Loop, 'shadow' | 'view'>;
  /** Null before the first time that they are resolved. */
  readonly dataplane: () => ExplainSettings | null;
}

/** What was found, and what was not looked at. */
export interface StagedReport {
  readonly tallies: readonly StagedTally[];
  /** Flows that were seen and not judged: those of which the interfaces are not known, and what was too much. */
  readonly notJudged: number;
  /** Why connection tracking could not be read, or new connections are not shown; null: all is well. */
  readonly error: string | null;
}

/** Connections that go on are looked at so often; one that ended is told by the kernel for longer. */
const LOOK_MS = 10_000;
/** One look judges for so long at most; what is left over waits for the next one, or is not judged. */
const LOOK_BUDGET_MS = 1_000;

/**
 * Judges what goes on on this host by the staged policies that concern it, for as long as there are any: the flows of
 * connection tracking, and packets of new connections that the kernel shows, every ten seconds and when somebody asks.
 * Nothing here changes what is enforced, and nothing that fails here stops anything else.
 */
export class StagedWatch {
  readonly #inputs: StagedWatchInputs;
  readonly #flows: StagedFlows;
  readonly #packets: StagedPackets;
  readonly #waiting = new WaitingPackets();
  /** Live flows that the latest look did not judge. */
  #leftOver = 0;
  #error: string | null = null;
  #looking: Promise<void> | null = null;
  #timer: Cancel | null = null;
  #isClosed = false;

  constructor(inputs: StagedWatchInputs) {
    this.#inputs = inputs;
    this.#flows = new StagedFlows(inputs.clock);
    this.#packets = new StagedPackets(inputs.packetLog, {
      onPacket: (packet) => {
        this.#waiting.add(packet);
      },
      onLost: (packets) => {
        this.#waiting.lose(packets);
      },
    });
  }

  /** What was found of each staged policy until now. */
  get tallies(): readonly StagedTally[] {
    return this.#flows.tallies;
  }

  /** A turn ended well: staged policies may have come, changed or gone. */
  turned(): void {
    if (this.#follow()) {
      if (this.#timer === null) this.#lookLater(0);
      return;
    }
    this.#stop();
    this.#waiting.clear();
    this.#leftOver = 0;
  }

  /** Looks once more, then tells everything. Never rejects. */
  async report(): Promise<StagedReport> {
    if (this.#timer !== null) await this.#look();
    const error = this.#error ?? this.#packets.error;
    return { tallies: this.#flows.tallies, notJudged: this.#leftOver + this.#waiting.lost, error };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#stop();
    this.#packets.want(false);
    await this.#looking;
  }

  /** Whether any staged policy concerns this host. */
  #follow(): boolean {
    const shadow = this.#inputs.loop().shadow();
    this.#flows.use(shadow);
    const isProposed = shadow !== null && shadow.together !== null;
    this.#packets.want(isProposed && !this.#isClosed);
    return shadow !== null;
  }

  #lookLater(delayMs: number): void {
    if (this.#isClosed) return;
    this.#timer = this.#inputs.clock.after(delayMs, () => {
      this.#lookLater(LOOK_MS);
      void this.#look();
    });
  }

  #stop(): void {
    this.#timer?.();
    this.#timer = null;
  }

  // One look at a time: who asks meanwhile hears of the next one, for what it asks about may be newer.
  async #look(): Promise<void> {
    while (this.#looking !== null) await this.#looking;
    this.#looking = this.#lookNow();
    await this.#looking;
    this.#looking = null;
  }

  async #lookNow(): Promise<void> {
    const told = this.#waiting.take();
    // Another program may have given the NFLOG group back.
    this.#follow();
    const { clock, conntrack, routes, loop } = this.#inputs;
    const judging = { ...this.#inputs, flows: this.#flows };
    const deadline = clock.monotonic() + LOOK_BUDGET_MS;
    try {
      this.#waiting.lose(await judgeStaged(told, deadline, judging));
      const ways = new FlowWays(loop().view.interfaces, routes);
      const live = await liveConnections(conntrack, ways);
      const left = await judgeStaged(live.packets, deadline, judging);
      this.#leftOver = live.notLookedAt + left;
      this.#error = null;
    } catch (thrown) {
      this.#error = toError(thrown).message;
      this.#inputs.logger.debug({ error: this.#error }, 'staged policies: could not look');
    }
  }
}
