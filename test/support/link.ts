import type { Namespace } from './netns.ts';

/**
 * Waits until an interface with an IPv6 network carries packets: `ip` returns before the kernel's link
 * watcher has given it a queue, and before its IPv6 routes are used (again). Rejects after five seconds.
 */
export async function linkIsUsed(namespace: Namespace, name: string): Promise<void> {
  const isUp = `ip -o link show dev ${name} | grep -q 'state UP'`;
  const hasRoute = `ip -6 route show dev ${name} | grep '^fd' | grep -qv linkdown`;
  await until(namespace, `${isUp} && ${hasRoute}`);
}

/** The same for the other end, which is a port of a bridge. */
export async function portForwards(namespace: Namespace, name: string): Promise<void> {
  const isUp = `ip -o link show dev ${name} | grep -q 'state UP'`;
  await until(namespace, `${isUp} && bridge link show dev ${name} | grep -q 'state forwarding'`);
}

async function until(namespace: Namespace, condition: string): Promise<void> {
  const script = `for i in $(seq 100); do ${condition} && exit 0; sleep 0.05; done; exit 1`;
  await namespace.run(['sh', '-c', script]);
}
