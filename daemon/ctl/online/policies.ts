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

function stageRows(view: StageView): readonly Row[] {
  const { stage, direction, tiers, profiles, denied, wouldDeny } = view;
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
    ...wouldRow('    would be denied because nothing decided', wouldDeny?.undecided ?? null),
    ...wouldRow('    would be denied as invalid', wouldDeny?.invalid ?? null),
  ];
}

function tierRows(view: TierView): readonly Row[] {
  const { name, defaultAction, enforcement, policies, endHits, endWouldDeny } = view;
  return [
    [`    tier ${name}${enforcement === 'observe' ? ' (observes)' : ''}`],
    ...policies.flatMap((policy) => policyRows('      ', policy)),
    row(`      end of tier: ${defaultAction}`, endHits),
    ...wouldRow('        would be denied', endWouldDeny),
  ];
}

function policyRows(indent: string, { name, rules }: PolicyView): readonly Row[] {
  return [
    [`${indent}${name}`],
    ...rules.flatMap(({ index, action, text, hits, wouldDeny }) => [
      row(`${indent}  [${index}] ${action} ${text}`, hits),
      ...wouldRow(`${indent}    would be denied`, wouldDeny),
    ]),
  ];
}

// There is such a counter only where somebody observes.
function wouldRow(text: string, hits: Hits | null): readonly Row[] {
  return hits === null ? [] : [row(text, hits)];
}

function row(text: string, hits: Hits | null): Row {
  return [text, ...hitsCells(hits)];
}
