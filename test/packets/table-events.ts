import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { killed } from '../support/netns.ts';
import type { Namespace } from '../support/netns.ts';

/** Transactions of nftables in a namespace, as `nft monitor` tells them. */
export interface TableEvents {
  /** How many others made since the start, or since this was asked last. */
  transactions(): Promise<number>;
  stop(): Promise<void>;
}

const GENERATION = '# new generation';

/** Listens from now on. */
export async function watchTables(namespace: Namespace): Promise<TableEvents> {
  const monitor = namespace.spawn(['nft', 'monitor']);
  if (monitor.stdout === null) throw new Error('nft monitor has no output');
  const lines = createInterface({ input: monitor.stdout });
  const heard: string[] = [];
  lines.on('line', (line) => heard.push(line));
  await untilListening(namespace, heard);
  let marks = 0;
  let from = 0;
  // A table of the test's own: what came before it has been told when it is.
  const mark = async (): Promise<number> => {
    const name = `mark${marks++}`;
    await namespace.run(['nft', 'add', 'table', 'inet', name]);
    await namespace.run(['nft', 'delete', 'table', 'inet', name]);
    const end = (): number => heard.findIndex((line) => line === `delete table inet ${name}`);
    while (end() === -1 || !heard.slice(end()).some(isGeneration)) await once(lines, 'line');
    const before = heard.findIndex((line) => line === `add table inet ${name}`);
    const count = heard.slice(from, before).filter(isGeneration).length;
    from = end() + heard.slice(end()).findIndex(isGeneration) + 1;
    return count;
  };
  await mark();
  return { transactions: mark, stop: () => killed(monitor) };
}

function isGeneration(line: string): boolean {
  return line.startsWith(GENERATION);
}

async function untilListening(namespace: Namespace, heard: readonly string[]): Promise<void> {
  for (let i = 0; heard.length === 0; i++) {
    if (i === 500) throw new Error('nft monitor tells nothing');
    await namespace.run(['nft', 'add', 'table', 'inet', 'early']);
    await namespace.run(['nft', 'delete', 'table', 'inet', 'early']);
  }
}
