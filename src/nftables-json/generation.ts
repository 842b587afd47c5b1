import { HostError } from '../base/errors.ts';
import type { NetlinkSocket } from '../netlink/netlink-socket.ts';
import { GENERATION_REQUEST, GET_GENERATION, readGeneration } from './nf-tables-events.ts';

/** The number of the generation in force, as the kernel answers it. Rejects with HostError. */
export async function generationOf(socket: NetlinkSocket): Promise<number> {
  const answer = await socket.request(GET_GENERATION, 0, GENERATION_REQUEST);
  const generation = answer.map(readGeneration).find((one) => one !== null) ?? null;
  if (generation === null) throw new HostError('netlink', 'the kernel tells no generation');
  return generation;
}
