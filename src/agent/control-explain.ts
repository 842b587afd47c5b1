import { ControlError } from '../control/handler.ts';
import type { ExplainAnswer } from '../control/wire.ts';
import { explainPacket } from '../explain/explain.ts';
import { passedOver } from '../explain/passed-over.ts';
import { readPacket } from '../explain/read-packet.ts';
import { readHits } from './control-counters.ts';
import { inForce, settingsInForce } from './control-in-force.ts';
import type { ControlInputs } from './control-inputs.ts';
import { decisiveRules } from './decisive-rules.ts';
import { matchedMembers } from './matched-members.ts';

/** What becomes of one packet, and why. Rejects with ControlError and NftablesError. */
export async function explain(inputs: ControlInputs, body: unknown): Promise<ExplainAnswer> {
  const { policy, turn } = inForce(inputs);
  const settings = settingsInForce(inputs);
  const asked = typeof body === 'object' && body !== null && 'packet' in body ? body.packet : null;
  const packet = readPacket(asked);
  if (!packet.ok) throw new ControlError(400, 'bad-packet', `packet: ${packet.error}`);
  const explanation = explainPacket({ policy, settings, packet: packet.value });
  const rules = decisiveRules(explanation, policy, turn.ruleset);
  const hitsOf = await readHits(inputs);
  return {
    ...explanation,
    packet: { ...explanation.packet },
    rules: rules.map((rule) => ({ ...rule, hits: hitsOf(rule.counter) })),
    passedOver: passedOver(explanation, (endpoint) => inputs.loop.objects.candidatesFor(endpoint)),
    members: matchedMembers(explanation.trail).map((one) => ({
      ...one,
      objects: inputs.loop.objects.contributorsOf(one.setId, one.member),
    })),
    rulesInForce: inputs.keeper.snapshot().rulesInForce,
  };
}
