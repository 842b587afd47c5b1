import type { CutAnswer } from '../../../src/control/wire.ts';
import { describePacket } from '../../../src/explain/format-explanation.ts';
import { packetsWithin } from '../../../src/explain/packets-within.ts';
import type { Packet } from '../../../src/net/packet.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { usageError } from '../ctl-error.ts';
import type { Output } from '../output.ts';
import { wrapIndented } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl cut`: ends what the policy in force refuses. */
export async function run({ args, options, output }: Call): Promise<number> {
  const within = packetsWithin(args);
  if (!within.ok) throw usageError(within.error);
  const endpoint = typeof options['endpoint'] === 'string' ? options['endpoint'] : null;
  const request = { dryRun: options['dryRun'] === true, nets: args, endpoint };
  const answer = await askDaemon((client) => client.cut(request), '');
  await output.print(answer, () =>
    cutText(answer, output)
      .map((line) => wrapIndented(line, output.columns))
      .join('\n'),
  );
  return answer.failed === 0 ? EXIT.ok : EXIT.failed;
}

function cutText(answer: CutAnswer, { paint }: Output): readonly string[] {
  const { byRule, flows, refused } = answer;
  const rules = byRule.map(({ because, flows }) => `  ${flows} refused by ${because}`);
  const shown = flows.map(({ packet, mayResume }) => {
    const text = describePacket(packet as unknown as Packet);
    return `  ${text}${mayResume ? paint('yellow', ' (may go on)') : ''}`;
  });
  const more = refused > flows.length ? [`  and ${refused - flows.length} more`] : [];
  return [headline(answer), ...rules, ...shown, ...more, ...warnings(answer)];
}

function headline({ dryRun, lookedAt, notLookedAt, refused, cut }: CutAnswer): string {
  const others = notLookedAt === 0 ? '' : ` (${notLookedAt} more were not looked at)`;
  const what = dryRun ? `${refused} would be cut` : `${cut} cut`;
  return `${what} of ${lookedAt} live connections${others}`;
}

function warnings({ failed, flows }: CutAnswer): readonly string[] {
  const resuming = flows.filter(({ mayResume }) => mayResume).length;
  return [
    ...(failed === 0 ? [] : [`${failed} could not be cut; the log of rampartd says why`]),
    ...(resuming === 0
      ? []
      : [
          `${resuming} may go on: policy allows the packets of the other side, which begin the connection anew; deny them as well`,
        ]),
  ];
}
