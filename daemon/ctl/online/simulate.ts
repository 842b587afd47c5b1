import type { ConnectionsAnswer, PoliciesAnswer } from '../../../src/control/wire.ts';
import { policiesAnswer } from '../../../src/agent/control-policies.ts';
import { explainPacket } from '../../../src/explain/explain.ts';
import type { Explanation } from '../../../src/explain/explain.ts';
import { formatExplanation } from '../../../src/explain/format-explanation.ts';
import type { Packet } from '../../../src/net/packet.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { loadWorld } from '../offline/load-world.ts';
import type { World } from '../offline/load-world.ts';
import { sayProblems } from '../offline/world-of-call.ts';
import { wrapIndented } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

interface Simulation {
  /** This host observes; verdicts are those that it would give if it enforced. */
  readonly observing: boolean;
  /** Live connections that were judged. */
  readonly connections: number;
  readonly notLookedAt: number;
  readonly changed: readonly {
    /** In words. */
    readonly flow: string;
    readonly packet: Packet;
    readonly before: 'allow' | 'deny';
    readonly after: 'allow' | 'deny';
    readonly because: string;
  }[];
  /** Rules in force that have counted packets and would not be there any more, or say something else. */
  readonly rulesGone: readonly { readonly rule: string; readonly packets: number }[];
}

/** `rampartctl simulate --resources DIR`: what other objects would change for the traffic there is. */
export async function run({ options, output }: Call): Promise<number> {
  const { status, endpoints, connections, policies } = await askDaemon(
    async (client) => ({
      status: await client.status(),
      endpoints: await client.endpoints(),
      connections: await client.connections(),
      policies: await client.policies(),
    }),
    '',
  );
  const world = await loadWorld({
    resources: String(options['resources']),
    nodeName: status.nodeName,
    interfaces: endpoints.interfaces,
  });
  sayProblems(world, output);
  const observing = status.enforcement === 'observe';
  const simulation = { observing, ...simulate(world, connections, policies) };
  await output.print(simulation, () =>
    simulationText(simulation)
      .map((line) => wrapIndented(line, output.columns))
      .join('\n'),
  );
  return EXIT.ok;
}

function simulate(
  { resolution, settings }: World,
  { connections, notLookedAt }: ConnectionsAnswer,
  inForce: PoliciesAnswer,
): Omit<Simulation, 'observing'> {
  const { policy } = resolution;
  const changed = connections.flatMap(({ packet, enforcing: before }) => {
    // The daemon answers with packets as src/net describes them.
    const explanation = explainPacket({ policy, settings, packet: packet as unknown as Packet });
    const { verdict: after } = explanation;
    return before === after ? [] : [change(explanation, before)];
  });
  const wanted = rulesOf(policiesAnswer(policy, () => null));
  const rulesGone = [...rulesOf(inForce)]
    .filter(([rule, packets]) => packets > 0 && !wanted.has(rule))
    .map(([rule, packets]) => ({ rule, packets }))
    .sort((a, b) => b.packets - a.packets);
  return { connections: connections.length, notLookedAt, changed, rulesGone };
}

function change(explanation: Explanation, before: 'allow' | 'deny'): Simulation['changed'][number] {
  const { packet, verdict: after } = explanation;
  const lines = formatExplanation(explanation).split('\n');
  return { flow: lines[0] ?? '', packet, before, after, because: lines.at(-1) ?? '' };
}

/** Every rule in force, in words, with the packets that it has counted, or would have denied. */
function rulesOf({ endpoints }: PoliciesAnswer): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const { direction, tiers, profiles } of endpoints.flatMap(({ stages }) => stages))
    for (const { name, rules } of [...tiers.flatMap(({ policies }) => policies), ...profiles])
      for (const { action, text, hits, wouldDeny } of rules) {
        const packets = (hits?.packets ?? 0) + (wouldDeny?.packets ?? 0);
        found.set(`${name} ${direction}: ${action} ${text}`, packets);
      }
  return found;
}

function simulationText({
  observing,
  connections,
  notLookedAt,
  changed,
  rulesGone,
}: Simulation): readonly string[] {
  const others = notLookedAt === 0 ? '' : ` (${notLookedAt} more were not looked at)`;
  return [
    ...(observing ? ['this host observes: verdicts are those that enforcing gives'] : []),
    `${changed.length} of ${connections} live connections would be judged otherwise${others}`,
    ...changed.flatMap(({ flow, before, after, because }) => [
      `  ${before} → ${after}: ${flow}`,
      `    ${because}`,
    ]),
    `${rulesGone.length} rules that have counted packets would be gone`,
    ...rulesGone.map(({ rule, packets }) => `  ${rule} (${packets} packets)`),
  ];
}
