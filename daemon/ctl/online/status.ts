import { ControlClientError } from '../../../src/control/client.ts';
import type { ControlClient } from '../../../src/control/client.ts';
import type { CutAnswer, StatusAnswer } from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import type { Output } from '../output.ts';
import { formatTable, wrapIndented } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl status`: one look at this host. */
export async function run({ output }: Call): Promise<number> {
  const status = await askDaemon(
    async (client) => ({ ...(await client.status()), connections: await refused(client) }),
    '',
  );
  await output.print(status, () => statusText(status, output));
  return EXIT.ok;
}

type Refused = Pick<CutAnswer, 'lookedAt' | 'notLookedAt' | 'refused'>;

interface Status extends StatusAnswer {
  /** Live connections, and how many of them the policy in force refuses; null: nobody can say. */
  readonly connections: Refused | null;
}

// What a busy host has; one with more is answered in part rather than late.
const AT_MOST = 20_000;

// What is said beside the status must not keep it from being told.
async function refused(client: ControlClient): Promise<Refused | null> {
  try {
    const all = { dryRun: true, nets: [], endpoint: null, atMost: AT_MOST } as const;
    const { lookedAt, notLookedAt, refused } = await client.cut(all);
    return { lookedAt, notLookedAt, refused };
  } catch (thrown) {
    if (thrown instanceof ControlClientError) return null;
    throw thrown;
  }
}

function statusText(status: Status, output: Output): string {
  const { endpoints, problems, alarms } = status;
  const { columns, paint } = output;
  const facts = factsOf(status).map(([name, text]) => `${`${name}:`.padEnd(13)}${text}`);
  const sections = [
    section(
      'Endpoints',
      endpoints.length === 0
        ? ''
        : formatTable(
            ['NAME', 'STATE', 'INTERFACES'],
            endpoints.map((one) => [one.name, one.state, one.interfaces.join(', ')]),
            columns,
          ),
    ),
    section(
      'Alarms',
      alarms
        .map(({ code, message, since }) =>
          wrapIndented(`${paint('red', code)} since ${since}: ${message}`, columns),
        )
        .join('\n'),
    ),
    section(
      'Problems',
      problems
        .map(({ severity, object, field, message }) => {
          const where = field === '' ? object : `${object}: ${field}`;
          const colour = severity === 'error' ? 'red' : 'yellow';
          return wrapIndented(`${paint(colour, severity)} ${where}: ${message}`, columns);
        })
        .join('\n'),
    ),
  ];
  const lines = facts.map((line) => wrapIndented(line, columns));
  return [headline(status, output), ...lines, ...sections].filter((one) => one !== '').join('\n');
}

function headline(status: StatusAnswer, { paint }: Output): string {
  const { inSync, rulesInForce, lastApply, enforcement } = status;
  if (rulesInForce === 'flushed') {
    return paint('red', 'OPEN: an operator has flushed this host, nothing filters');
  }
  if (rulesInForce === 'none') return paint('red', 'OPEN: no rules are in force');
  if (lastApply !== null && lastApply.error !== null) {
    return paint('red', `NOT UP TO DATE: ${lastApply.error}`);
  }
  const confirming = rollbackHeadline(status, paint);
  if (confirming !== null) return confirming;
  if (inSync && rulesInForce === 'current' && enforcement === 'observe')
    return paint('yellow', 'in sync, OBSERVING: nothing is denied on this host');
  if (inSync && rulesInForce === 'current') return paint('green', 'in sync');
  return paint('yellow', `not in sync: the rules in force are "${rulesInForce}"`);
}

function rollbackHeadline(
  { rollback, rulesInForce }: StatusAnswer,
  paint: Output['paint'],
): string | null {
  if (rollback.state === 'rolled-back' && rulesInForce === 'last-good')
    return paint(
      'red',
      `ROLLED BACK: the rules of before are in force again since ${rollback.since ?? ''}`,
    );
  if (rollback.by === 'operator')
    return paint(
      'yellow',
      `to be CONFIRMED within ${rollback.secondsLeft ?? 0} s: rampartctl confirm`,
    );
  return null;
}

function factsOf(status: Status): readonly (readonly [string, string])[] {
  const { datastore, lastApply, counts, transport, connections } = status;
  const { ruleset } = counts;
  const connection = datastore.connected ? 'connected' : 'NOT connected';
  const apply =
    lastApply === null
      ? 'none yet'
      : `${lastApply.at}, ${lastApply.operations} operations in ${lastApply.durationMs.toFixed(1)} ms`;
  return [
    ['node', status.nodeName],
    ...observing(status),
    [
      'datastore',
      `${datastore.type}, ${connection} since ${datastore.since}, revision ${datastore.revision}`,
    ],
    ['last apply', apply],
    [
      'ruleset',
      `${ruleset.chains} chains, ${ruleset.rules} rules, ${ruleset.sets} sets with ${ruleset.setElements} elements`,
    ],
    ...watchedFact(status),
    ['policies', `${counts.activePolicies} active here`],
    ['connections', connectionsText(connections)],
    ['nftables', `${transport.version} (${transport.name})`],
    ['rampartd', `${status.version}, started ${status.startedAt}`],
  ];
}

function observing(status: StatusAnswer): readonly (readonly [string, string])[] {
  const { enforcement, observedTiers, wouldDeny } = status;
  const who = [
    ...(enforcement === 'observe' ? ['this host'] : []),
    ...(observedTiers.length === 0 ? [] : [`tiers ${observedTiers.join(', ')}`]),
  ];
  if (who.length === 0) return [];
  const many = wouldDeny === null ? 'how many is not known' : `${wouldDeny.packets} packets`;
  return [['observing', `${who.join(', ')}; would have been denied: ${many}`]];
}

function connectionsText(connections: Refused | null): string {
  if (connections === null) return 'unknown';
  const { lookedAt, notLookedAt, refused } = connections;
  const others = notLookedAt === 0 ? '' : `; ${notLookedAt} were not looked at`;
  const cut = refused === 0 ? '' : ' ("rampartctl cut" ends them)';
  return `${lookedAt} live, ${refused} of which the policy in force would refuse${cut}${others}`;
}

function watchedFact({ rollback }: StatusAnswer): readonly (readonly [string, string])[] {
  const { state, objects, secondsLeft } = rollback;
  if (state !== 'watching') return [];
  const names = objects.length === 0 ? '' : `, after ${objects.join(', ')}`;
  return [['watched', `${secondsLeft ?? 0} s more${names}`]];
}

function section(title: string, text: string): string {
  return text === '' ? '' : `\n${title}\n${text}`;
}
