import type { Namespace } from './netns.ts';

// What arrives meanwhile is deleted by the next round; more rounds than this say that something keeps sending.
const ROUNDS = 20;

/**
 * Forgets the IPv4 connections from or to these networks and all of IPv6: none of them is there when this resolves. The
 * daemon's own connection to its datastore is spared: a host that denies everything could not take it up again.
 */
export async function forgetConnections(
  namespace: Namespace,
  networks: readonly string[],
): Promise<void> {
  const filters = [
    ...networks.flatMap((network) => [`-f ipv4 -s ${network}`, `-f ipv4 -d ${network}`]),
    '-f ipv6',
  ];
  await namespace.run(['sh'], script(filters));
}

// All at once. conntrack reads the whole table and deletes what it finds one by one; it gives up at the first connection
// that another one has deleted by then. It is done when it finds nothing more.
function script(filters: readonly string[]): string {
  return `
forget() {
  for round in $(seq ${ROUNDS}); do
    said=$(conntrack -D "$@" 2>&1 >/dev/null)
    case $said in *': 0 flow entries have been deleted'*) return 0 ;; esac
  done
  echo "conntrack -D $*: $said" >&2
  return 1
}
jobs=
${filters.map((filter) => `forget ${filter} & jobs="$jobs $!"`).join('\n')}
for job in $jobs; do wait "$job" || exit 1; done
`;
}
