import { EXIT } from '../../exit-codes.ts';
import type { Call } from '../command.ts';
import { formatTable, wrapIndented } from '../table.ts';
import { askDaemon } from './ask-daemon.ts';

/** `rampartctl sets [NAME]`: all sets, or the members of one. */
export async function run({ args: [name], output }: Call): Promise<number> {
  if (name !== undefined) {
    const set = await askDaemon((client) => client.set(name), '');
    await output.print(set, () =>
      [
        wrapIndented(`${set.id}: ${set.description}`, output.columns),
        ...set.ipv4,
        ...set.ipv6,
      ].join('\n'),
    );
    return EXIT.ok;
  }
  const answer = await askDaemon((client) => client.sets(), '');
  await output.print(answer, () =>
    formatTable(
      ['SET', 'IPV4', 'IPV6', 'SELECTS'],
      answer.sets.map(({ id, members, description }) => [
        id,
        String(members.ipv4),
        String(members.ipv6),
        description,
      ]),
      output.columns,
    ),
  );
  return EXIT.ok;
}
