import type { Hits } from '../../../src/control/wire.ts';

/** Packets and bytes in two cells; `-` where nothing is counted. */
export function hitsCells(hits: Hits | null): readonly [packets: string, bytes: string] {
  return hits === null ? ['-', '-'] : [String(hits.packets), String(hits.bytes)];
}
