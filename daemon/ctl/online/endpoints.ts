import type { EndpointsAnswer } from '../../../src/control/wire.ts';
import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { formatTable } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl endpoints`: who governs which interface. */
export async function run({ output }: Call): Promise<number> {
  const answer = await askDaemon((client) => client.endpoints(), '');
  await output.print(answer, () => endpointsText(answer, output.columns));
  return EXIT.ok;
}

function endpointsText({ endpoints, interfaces }: EndpointsAnswer, columns: number): string {
  const labelsOf = (labels: Readonly<Record<string, string>>): string =>
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(' ');
  const ours = formatTable(
    ['ENDPOINT', 'STATE', 'INTERFACES', 'PROFILES', 'LABELS'],
    endpoints.map((one) => [
      one.name,
      one.state,
      one.interfaces.join(' '),
      one.profiles.join(' '),
      labelsOf(one.labels),
    ]),
    columns,
  );
  const theirs = formatTable(
    ['INTERFACE', 'ENDPOINT', 'RUNNING', 'ADDRESSES'],
    interfaces.map((one) => [
      one.name,
      one.endpoint ?? '- (everything passes)',
      one.running ? 'yes' : 'no',
      one.addresses.join(' '),
    ]),
    columns,
  );
  return `${ours}\n\n${theirs}`;
}
