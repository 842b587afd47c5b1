import { decisiveRules } from '../../../src/agent/decisive-rules.ts';
import { matchedMembers } from '../../../src/agent/matched-members.ts';
import { explainPacket } from '../../../src/explain/explain.ts';
import { passedOver } from '../../../src/explain/passed-over.ts';
import type { Packet } from '../../../src/net/packet.ts';
import type { Answer } from '../explain-answer.ts';
import type { World } from './load-world.ts';
import { worldRuleset } from './world-ruleset.ts';

/** What a host with these objects would do with a packet. */
export function explainInWorld(world: World, packet: Packet): Answer {
  const { resolution, settings, store } = world;
  const { policy } = resolution;
  const explanation = explainPacket({ policy, settings, packet });
  return {
    ...explanation,
    passedOver: passedOver(explanation, (endpoint) => store.candidatesFor(endpoint)),
    members: matchedMembers(explanation.trail).map((one) => ({
      ...one,
      objects: store.contributorsOf(one.setId, one.member),
    })),
    rules: decisiveRules(explanation, policy, worldRuleset(world)),
  };
}
