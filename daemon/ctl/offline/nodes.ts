import { compareBytes } from '../../../src/base/byte-order.ts';
import type { ResourceUpdate } from '../../../src/resource/resource.ts';

/** `spec.node` of all HostEndpoints, each once, sorted. */
export function nodesWithEndpoints(updates: readonly ResourceUpdate[]): readonly string[] {
  const nodes = updates.flatMap(({ resource }) =>
    resource?.kind === 'HostEndpoint' ? [resource.node] : [],
  );
  return [...new Set(nodes)].sort(compareBytes);
}
