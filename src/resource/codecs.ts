import { clusterInformationKind } from './cluster-information.ts';
import { felixConfigurationKind } from './felix-configuration.ts';
import { hostEndpointKind } from './host-endpoint.ts';
import { kindCodec } from './kind-codec.ts';
import type { KindCodec } from './kind-codec.ts';
import { globalNetworkSetKind, networkSetKind } from './network-set.ts';
import { nodeKind } from './node.ts';
import {
  globalNetworkPolicyKind,
  networkPolicyKind,
  stagedGlobalNetworkPolicyKind,
  stagedNetworkPolicyKind,
} from './policy-kinds.ts';
import { profileKind } from './profile.ts';
import type { Kind } from './resource.ts';
import { stagedKubernetesNetworkPolicyKind } from './staged-kubernetes-policy.ts';
import { tierKind } from './tier.ts';
import { workloadEndpointKind } from './workload-endpoint.ts';

/** How objects of each kind are read and written. */
export const CODECS: Readonly<Record<Kind, KindCodec>> = {
  HostEndpoint: kindCodec(hostEndpointKind),
  GlobalNetworkPolicy: kindCodec(globalNetworkPolicyKind),
  NetworkPolicy: kindCodec(networkPolicyKind),
  StagedGlobalNetworkPolicy: kindCodec(stagedGlobalNetworkPolicyKind),
  StagedNetworkPolicy: kindCodec(stagedNetworkPolicyKind),
  StagedKubernetesNetworkPolicy: kindCodec(stagedKubernetesNetworkPolicyKind),
  GlobalNetworkSet: kindCodec(globalNetworkSetKind),
  NetworkSet: kindCodec(networkSetKind),
  Profile: kindCodec(profileKind),
  Tier: kindCodec(tierKind),
  WorkloadEndpoint: kindCodec(workloadEndpointKind),
  Node: kindCodec(nodeKind),
  FelixConfiguration: kindCodec(felixConfigurationKind),
  ClusterInformation: kindCodec(clusterInformationKind),
};
