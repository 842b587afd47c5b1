import type {
  Hits,
  PoliciesAnswer,
  PolicyView,
  StageView,
  TierView,
} from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { formatTable } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';
import { hitsCells } from './hits-text.ts';

const OFFLINE = 'rampartctl render --resources DIR --node NAME';
const HEADER = ['RULE', 'PACKETS', 'BYTES'] as const;

type Row = readonly string[];

/** `rampartctl policies`: what is in force, in the order of evaluation. */
export async function run({ output }: Call): Promise<number> {
  const answer = await askDaemon((client) => client.policies(), OFFLINE);
  await output.print(answer, () =>
    answer.endpoints.length === 0
      ? 'no host endpoint governs an interface of this host: nothing is filtered'
      : formatTable(HEADER, rowsOf(answer), output.columns),
  );
  return EXIT.ok;
}

function rowsOf({ endpoints }: PoliciesAnswer): readonly Row[] {
  return endpoints.flatMap(({ name, interfaces, stages }) => [
    [`HostEndpoint ${name} (${interfaces.join(', ')})`],
    ...stages.flatMap(stageRows),
  ]);
}

function stageRows({ stage, direction, tiers, profiles, denied }: StageView): readonly Row[] {
  return [
    [`  ${stage} ${direction}`],
    ...tiers.flatMap(tierRows),
    ...profiles.flatMap((profile) => policyRows('    ', profile)),
    ...(denied === null
      ? []
      : [
          row('    denied because nothing decided', denied.undecided),
          row('    denied as invalid', denied.invalid),
        ]),
  ];
}

function tierRows({ name, defaultAction, policies, endHits }: TierView): readonly Row[] {
  return [
    [`    tier ${name}`],
    ...policies.flatMap((policy) => policyRows('      ', policy)),
    row(`      end of tier: ${defaultAction}`, endHits),
  ];
}

function policyRows(indent: string, { name, rules }: PolicyView): readonly Row[] {
  return [
    [`${indent}${name}`],
    ...rules.map(({ index, action, text, hits }) =>
      row(`${indent}  [${index}] ${action} ${text}`, hits),
    ),
  ];
}

function row(text: string, hits: Hits | null): Row {
  return [text, ...hitsCells(hits)];
}
