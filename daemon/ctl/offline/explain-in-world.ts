import { decisiveRules } from '../../../src/agent/decisive-rules.ts';
import { explainPacket } from '../../../src/explain/explain.ts';
import type { Packet } from '../../../src/net/packet.ts';
import type { Answer } from '../explain-answer.ts';
import type { World } from './load-world.ts';
import { memberOrigins } from './member-origins.ts';
import { passedOver } from './passed-over.ts';
import { worldRuleset } from './world-ruleset.ts';

/** What a host with these objects would do with a packet. */
export function explainInWorld(world: World, packet: Packet): Answer {
  const { resolution, settings, updates } = world;
  const { policy } = resolution;
  const explanation = explainPacket({ policy, settings, packet });
  return {
    ...explanation,
    passedOver: passedOver(explanation, policy, updates),
    members: memberOrigins(explanation, updates),
    rules: decisiveRules(explanation, policy, worldRuleset(world)),
  };
}
