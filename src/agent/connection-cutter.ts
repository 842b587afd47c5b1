import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Conntrack, Flow } from '../conntrack/conntrack.ts';
import type { LocalSockets } from '../conntrack/local-sockets.ts';
import type { NetworkInterface } from '../host/host.ts';
import type { Routes } from '../host/routes.ts';
import type { Packet } from '../explain/explain.ts';
import { breather } from './breather.ts';
import { CutTally } from './cut-tally.ts';
import type { CutReport } from './cut-tally.ts';
import { FlowWays } from './flow-ways.ts';
import { mayResume, refusalOf, standingOf } from './refused-flow.ts';
import type { Judge, Refusal } from './refused-flow.ts';

/** Which of the refused flows are meant. */
export type Meant = (refusal: Refusal) => boolean;

/** What the cutter needs. */
export interface CutterInputs {
  readonly conntrack: Pick<Conntrack, 'list' | 'delete'>;
  readonly sockets: Pick<LocalSockets, 'abort'>;
  readonly routes: Pick<Routes, 'to'>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Waits for a transaction that is under way, and answers what is in force then: the same object until it changes. */
  readonly inForce: () => Promise<Judge>;
  readonly interfaces: () => readonly NetworkInterface[];
  /** Whether connection tracking takes up TCP connections in their middle. */
  readonly isTcpLoose: () => Promise<boolean>;
  /** So many flows were cut. */
  readonly cut: (flows: number) => void;
}

// When an answer that was under way has been sent, the last with time for a program that is slow to answer.
const ANSWERED_MS = [10, 40, 150];
const UDP_LIKE = [17, 136];

interface Candidate {
  readonly flow: Flow;
  readonly packets: readonly Packet[];
  readonly refusal: Refusal;
}

/**
 * Finds the live flows that the policy in force would refuse if they began now, and cuts them: their entry in
 * connection tracking is deleted, and a TCP socket of this host closed, so that the next packet is judged anew.
 */
export class ConnectionCutter {
  readonly #inputs: CutterInputs;

  constructor(inputs: CutterInputs) {
    this.#inputs = inputs;
  }

  /** Looks at `most` flows, and cuts nothing. Rejects with HostError. */
  async look(isMeant: Meant, most = Infinity): Promise<CutReport> {
    const tally = new CutTally();
    for (const { refusal } of await this.#candidates(isMeant, tally, most))
      tally.add({ ...refusal, mayResume: false });
    return tally.report();
  }

  /** Cuts. Rejects with HostError when the flows cannot be listed; single flows that cannot be deleted are counted. */
  async cut(isMeant: Meant): Promise<CutReport> {
    const tally = new CutTally();
    const judged = await this.#inputs.inForce();
    const candidates = await this.#candidates(isMeant, tally, Infinity);
    const isTcpLoose = await this.#inputs.isTcpLoose();
    const pause = breather(this.#inputs.clock);
    const resumable: Candidate[] = [];
    for (const candidate of candidates) {
      await pause();
      // What is in force may allow it by now.
      const judge = await this.#inputs.inForce();
      const refusal = judge === judged ? candidate.refusal : refusalOf(candidate.packets, judge);
      if (refusal === null || !isMeant(refusal)) continue;
      const terms = { judge: { ...judge, isTcpLoose }, tally };
      const isResumable = await this.#cutOne(candidate.flow, refusal, terms);
      if (isResumable && UDP_LIKE.includes(candidate.flow.protocol)) resumable.push(candidate);
    }
    if (tally.cut > 0) this.#inputs.cut(tally.cut);
    if (resumable.length > 0) await this.#cutAgain(resumable, isMeant);
    return tally.report();
  }

  // An answer that was under way has begun the flow anew from the other side, and what policy refuses would be its
  // answers. TCP would send such an answer again and again. Never rejects: what was cut is told.
  async #cutAgain(candidates: readonly Candidate[], isMeant: Meant): Promise<void> {
    const { clock, conntrack, inForce } = this.#inputs;
    const pause = breather(clock);
    for (const delayMs of ANSWERED_MS) {
      await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      for (const { flow, packets } of candidates) {
        await pause();
        const judge = await inForce().catch(() => null);
        const refusal = judge === null ? null : refusalOf(packets, judge);
        if (refusal === null || !isMeant(refusal)) continue;
        // Without an id it is whatever has these addresses, in either direction.
        await conntrack.delete({ ...flow, id: null }).catch(() => false);
      }
    }
  }

  async #candidates(isMeant: Meant, tally: CutTally, most: number): Promise<readonly Candidate[]> {
    const { conntrack, routes, clock, inForce, interfaces } = this.#inputs;
    const judge = await inForce();
    const ways = new FlowWays(interfaces(), routes);
    const pause = breather(clock);
    const found: Candidate[] = [];
    for (const flow of await conntrack.list()) {
      await pause();
      const standing = standingOf(flow);
      if (standing === 'over') continue;
      const isLooked = standing === 'live' && tally.lookedAt < most;
      const packets = isLooked ? await ways.packetsOf(flow) : [];
      if (packets.length === 0) tally.notLookedAt += 1;
      else tally.lookedAt += 1;
      const refusal = refusalOf(packets, judge);
      if (refusal !== null && isMeant(refusal)) found.push({ flow, packets, refusal });
    }
    return found;
  }

  // Whether the other side may begin it anew.
  async #cutOne(
    flow: Flow,
    refusal: Refusal,
    {
      judge,
      tally,
    }: { readonly judge: Judge & { readonly isTcpLoose: boolean }; readonly tally: CutTally },
  ): Promise<boolean> {
    const { conntrack, sockets, logger } = this.#inputs;
    try {
      if (!(await conntrack.delete(flow))) return false;
      tally.cut += 1;
      const isClosed = refusal.packet.path !== 'forward' && (await sockets.abort(flow));
      const isResumable = !isClosed && mayResume(flow, refusal.packet, judge);
      tally.add({ ...refusal, mayResume: isResumable });
      return isResumable;
    } catch (thrown) {
      logger.warn({ error: toError(thrown).message }, 'a connection could not be cut');
      tally.failed += 1;
      tally.add({ ...refusal, mayResume: false });
      return false;
    }
  }
}
