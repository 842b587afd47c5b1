import { isNeighbourDiscovery } from './neighbour-discovery.ts';
import type { LocalEndpoint, LocalPolicy } from '../policy/local-policy.ts';
import type { Packet, PacketConntrack } from '../net/packet.ts';
import type { ExplainSettings } from './explain-settings.ts';
import { findFailsafe } from './failsafe-hit.ts';
import { judgeProfiles, judgeTiers } from './judge-policies.ts';
import type { Question } from './judge-policies.ts';
import { seenPacket } from './seen-packet.ts';
import type { SkipReason, StageOutcome, StageVisit, Step } from './step.ts';

/** What every stage needs to know. */
export interface World {
  readonly policy: LocalPolicy;
  readonly settings: ExplainSettings;
  readonly packet: Packet;
}

/** What has become of the packet when a stage is asked. */
export interface Situation {
  readonly conntrack: PacketConntrack;
  /** Whether others' DNAT has happened. */
  readonly isTranslated: boolean;
}

type Trail = (step: Step) => void;

/** Asks the host endpoint that governs an interface in one stage, if any, and tells the trail. */
export function judgeStage(
  world: World,
  visit: StageVisit,
  situation: Situation,
  trail: Trail,
): StageOutcome {
  const endpoint = findEndpoint(world.policy.endpoints, visit);
  if (typeof endpoint === 'string') {
    trail({ kind: 'stage-skipped', ...visit, reason: endpoint });
    return 'skip';
  }
  const isStar = endpoint.interfaces === '*';
  trail({ kind: 'stage', ...visit, endpoint: endpoint.hostEndpoint.name, isStar });
  const enforced =
    judgeBeforePolicy(world, visit, situation, trail) ??
    judgeEndpoint(world, endpoint, { ...visit, ...situation }, trail);
  const isObserved = enforced === 'deny' && world.settings.enforcement === 'observe';
  if (isObserved) trail({ kind: 'observed', by: 'host', tier: '' });
  const outcome = isObserved ? 'would-deny' : enforced;
  trail({ kind: 'stage-end', ...visit, outcome });
  return outcome;
}

/**
 * The endpoint asked in a stage. An interface's own endpoint wins over the one of all interfaces, but in
 * the pre-DNAT stage only when it has pre-DNAT policy itself, as in Calico; untracked policy works on an
 * interface's own endpoint only.
 */
function findEndpoint(
  endpoints: readonly LocalEndpoint[],
  { stage, interfaceName }: StageVisit,
): LocalEndpoint | SkipReason {
  const star = endpoints.find(({ interfaces }) => interfaces === '*');
  const own = endpoints.find(
    ({ interfaces }) => interfaces !== '*' && interfaces.includes(interfaceName),
  );
  const governor = own ?? star;
  if (governor === undefined) return 'ungoverned';
  if (stage === 'normal' || stage === 'forward') return governor;
  const candidates = stage === 'untracked' ? [own] : [own, star];
  const found = candidates.find((one) => one !== undefined && one[stage].length > 0);
  return found ?? 'no-policy';
}

/** What conntrack, neighbour discovery and failsafe ports decide before any policy is asked. */
function judgeBeforePolicy(
  { settings, packet }: World,
  visit: StageVisit,
  { conntrack, isTranslated }: Situation,
  trail: Trail,
): StageOutcome | null {
  const { stage } = visit;
  const exempt = stage === 'normal' ? 'allow' : 'skip';
  const seenState = stage === 'untracked' ? null : conntrack;
  if (seenState === 'established' || seenState === 'related') {
    trail({ kind: 'conntrack', state: seenState, outcome: 'Allow' });
    return 'allow';
  }
  if (stage !== 'forward' && settings.neighbourDiscoveryKeepAlive && isNeighbourDiscovery(packet)) {
    trail({ kind: 'neighbour-discovery', icmpType: packet.icmpType ?? 0 });
    return exempt;
  }
  if (seenState === 'invalid' && !settings.disableConntrackInvalidCheck) {
    trail({ kind: 'conntrack', state: seenState, outcome: 'Deny' });
    return 'deny';
  }
  const failsafe = findFailsafe(settings, visit, seenPacket(packet, isTranslated));
  if (failsafe === null) return null;
  trail(failsafe);
  return exempt;
}

function judgeEndpoint(
  { policy, packet }: World,
  endpoint: LocalEndpoint,
  visit: StageVisit & Situation,
  trail: Trail,
): StageOutcome {
  const { stage, direction } = visit;
  const seen = seenPacket(packet, visit.isTranslated);
  const question: Question = { stage, direction, packet: seen, sets: policy.sets };
  const byTiers = judgeTiers(endpoint[stage], question, trail);
  if (byTiers !== null) return byTiers;
  if (stage !== 'normal') return 'skip';
  const byProfiles = judgeProfiles(endpoint.profiles, question, trail);
  if (byProfiles !== null) return byProfiles;
  trail({ kind: 'final-deny', endpoint: endpoint.hostEndpoint.name });
  return 'deny';
}
