import type { Namespace } from './netns.ts';

/**
 * Forgets the IPv4 connections from or to these networks and all of IPv6. The daemon's own connection to
 * its datastore is spared: a host that denies everything could not take it up again.
 */
export async function forgetConnections(
  namespace: Namespace,
  networks: readonly string[],
): Promise<void> {
  const deletions = [
    ...networks.flatMap((network) => [
      ['-D', '-f', 'ipv4', '-s', network],
      ['-D', '-f', 'ipv4', '-d', network],
    ]),
    ['-D', '-f', 'ipv6'],
  ];
  // All at once; conntrack fails when there was nothing to delete.
  const lines = deletions.map((args) => `conntrack ${args.join(' ')} >/dev/null 2>&1 &`);
  await namespace.run(['sh'], [...lines, 'wait'].join('\n'));
}
