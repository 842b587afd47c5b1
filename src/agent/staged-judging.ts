import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Packet } from '../explain/explain.ts';
import type { ExplainSettings } from '../explain/explain-settings.ts';
import type { Loop } from './loop.ts';
import type { StagedFlows } from './staged-flows.ts';

// Packets are judged for so long before others get their turn.
const SLICE_MS = 10;

/** What packets are judged by, and where that is counted. */
export interface StagedJudging {
  readonly clock: Clock;
  readonly flows: StagedFlows;
  readonly loop: () => Pick<Loop, 'shadow'>;
  /** Null before the first time that they are resolved. */
  readonly dataplane: () => ExplainSettings | null;
}

/**
 * Judges packets in their order until `deadline`, a monotonic time; answers how many were left over. The sets of a
 * shadow may be read until the next update arrives: it is taken anew for each slice.
 */
export async function judgeStaged(
  packets: readonly Packet[],
  deadline: number,
  { clock, flows, loop, dataplane }: StagedJudging,
): Promise<number> {
  let judged = 0;
  while (judged < packets.length && clock.monotonic() < deadline) {
    const shadow = loop().shadow();
    const settings = dataplane();
    if (shadow === null || settings === null) return 0;
    flows.use(shadow);
    const sliceEnd = clock.monotonic() + SLICE_MS;
    do {
      const packet = packets[judged++];
      if (packet !== undefined) flows.judge(packet, shadow, settings);
    } while (judged < packets.length && clock.monotonic() < sliceEnd);
    await nextTurn();
  }
  return packets.length - judged;
}
