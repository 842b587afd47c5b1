import { readFileSync, readlinkSync } from 'node:fs';

const isolated = hasOwnNetworkNamespace();

/**
 * `describe` for tests that change interfaces or flows: runs them only in a network namespace other than
 * init's (`unshare -n`), and otherwise reports them as pending, with that reason in the title.
 */
export function describeInNamespace(title: string, suite: () => void): void {
  if (isolated) describe(title, suite);
  else describe.skip(`${title} (needs a network namespace of its own: unshare -n)`, suite);
}

function hasOwnNetworkNamespace(): boolean {
  try {
    return readlinkSync('/proc/self/ns/net') !== readlinkSync('/proc/1/ns/net');
  } catch {
    // Inside a container init may be out of bounds; a namespace just made has no interface but lo.
    return interfaceNames().every((name) => name === 'lo');
  }
}

function interfaceNames(): readonly string[] {
  const [, , ...lines] = readFileSync('/proc/self/net/dev', 'utf8').trim().split('\n');
  return lines.map((line) => line.slice(0, line.indexOf(':')).trim());
}
