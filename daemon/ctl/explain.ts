import type { Packet } from '../../src/net/packet.ts';
import type { Explanation } from '../../src/explain/explain.ts';
import { formatExplanation } from '../../src/explain/format-explanation.ts';
import { EXIT } from '../exit-codes.ts';
import type { Call } from './command.ts';
import { unknownText } from './ctl-error.ts';
import type { Answer } from './explain-answer.ts';
import type { Output } from './output.ts';
import { parsePacket } from './parse-packet.ts';
import { wrapIndented } from './table.ts';

const OFFLINE = 'rampartctl explain --resources DIR --node NAME …';

/** `rampartctl explain`: what becomes of a packet, and why. */
export async function run(call: Call): Promise<number> {
  const { args, options, output } = call;
  const packet = parsePacket(args, options);
  const isOffline = options['resources'] !== undefined || options['node'] !== undefined;
  const answer = await (isOffline ? explainOffline : explainOnline)(call, packet);
  await output.print(answer, () => answerText(answer, output));
  return EXIT.ok;
}

async function explainOffline(call: Call, packet: Packet): Promise<Answer> {
  const { worldOfCall } = await import('./offline/world-of-call.ts');
  const { explainInWorld } = await import('./offline/explain-in-world.ts');
  const world = await worldOfCall(call);
  const { interface: given = [] } = call.options;
  const named = (given as readonly string[]).map((one) => one.split('=', 1)[0] ?? '');
  // Of a router not every interface need be given.
  if (packet.path !== 'forward')
    doubtInterfaces(packet, [...named, ...namesOf(world.resolution.governed)], call.output);
  return explainInWorld(world, packet);
}

async function explainOnline({ output }: Call, packet: Packet): Promise<Answer> {
  const { askDaemon } = await import('./online/ask-daemon.ts');
  const [answer, known] = await askDaemon(
    async (client) => [await client.explain({ ...packet }), await client.endpoints()] as const,
    OFFLINE,
  );
  const present = known.interfaces.map(({ name }) => name);
  doubtInterfaces(packet, [...present, ...namesOf(known.endpoints)], output);
  // The fields of the trail are promised to be those of src/explain.
  return { ...answer, packet, trail: answer.trail as unknown as Explanation['trail'] };
}

function namesOf(
  endpoints: readonly { readonly interfaces: readonly string[] | '*' }[],
): readonly string[] {
  return endpoints.flatMap(({ interfaces }) => interfaces).filter((name) => name !== '*');
}

// A name that is mistyped is an interface that nobody governs, and what passes there would look allowed.
function doubtInterfaces(
  { iifname, oifname }: Packet,
  known: readonly string[],
  output: Output,
): void {
  for (const name of new Set([iifname, oifname]))
    if (name !== '' && name !== 'lo' && known.length > 0 && !known.includes(name))
      output.note(
        `${output.paint('yellow', 'warning:')} ${unknownText('interface', name, [...new Set(known)])}`,
      );
}

function answerText(answer: Answer, { columns, paint }: Output): string {
  const lines = formatExplanation(answer).split('\n');
  const verdict = lines.pop() ?? '';
  const sections = [
    ...section('passed over:', passedOverLines(answer.passedOver)),
    ...section('set members:', answer.members.map(memberLine)),
    ...section('nftables rules:', answer.rules.flatMap(ruleLines)),
  ];
  const doubt =
    answer.rulesInForce === undefined || answer.rulesInForce === 'current'
      ? []
      : [`what is explained is not in force: the rules in force are "${answer.rulesInForce}"`];
  const colour = answer.verdict === 'allow' ? 'green' : 'red';
  const text = [...lines, ...sections].map((line) => wrapIndented(line, columns));
  const last = wrapIndented(verdict, columns).split('\n');
  return [...text, ...doubt, ...last.map((line) => paint(colour, line))].join('\n');
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

// Stages ask anew, but the reason is mostly the same.
function passedOverLines(passed: Answer['passedOver']): readonly string[] {
  return [...new Set(passed.map(({ policy, reason }) => `${policy}: ${reason}`))];
}

function memberLine({ setId, description, member, objects }: Answer['members'][number]): string {
  return `${member} in ${setId} (${description}): from ${objects.join(', ')}`;
}

function ruleLines({ chain, rule, counter, hits }: Answer['rules'][number]): readonly string[] {
  const counted = hits ? `: ${hits.packets} packets, ${hits.bytes} bytes` : '';
  return [`chain ${chain}: ${rule}`, `  counter ${counter}${counted}`];
}
