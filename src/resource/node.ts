import type { KindDefinition } from './kind-definition.ts';
import { listOf, opaque, string, strings, struct, whenSet } from './schema.ts';

const spec = struct({
  bgp: whenSet(
    struct({
      asNumber: opaque,
      ipv4Address: string,
      ipv6Address: string,
      ipv4IPIPTunnelAddr: string,
      routeReflectorClusterID: string,
    }),
  ),
  ipv4VXLANTunnelAddr: string,
  ipv6VXLANTunnelAddr: string,
  vxlanTunnelMACAddr: string,
  vxlanTunnelMACAddrV6: string,
  orchRefs: listOf(struct({ nodeName: string, orchestrator: string })),
  wireguard: whenSet(struct({ interfaceIPv4Address: string, interfaceIPv6Address: string })),
  addresses: listOf(struct({ address: string, type: string })),
  interfaces: listOf(struct({ name: string, addresses: strings })),
});

/** Node: only its labels matter, to the nodeSelector of FelixConfigurations. */
export const nodeKind: KindDefinition<(typeof spec)['fields']> = {
  spec,
  read: ({ id, metadata }) => ({ ...id, kind: 'Node', labels: metadata.labels ?? {} }),
  validate: () => undefined,
  hasStatus: true,
};
