import { readFile } from 'node:fs/promises';

/**
 * Who holds an NFLOG group of this network namespace, for people: `ulogd, process 812`. Null when nobody does or
 * /proc does not say: only root may read it.
 */
export async function groupHolder(group: number): Promise<string | null> {
  const table = await readOrEmpty('/proc/self/net/netfilter/nfnetlink_log');
  const port = holderPort(table, group);
  if (port === null) return null;
  // A process's first netlink socket has its process id for a port.
  const command = (await readOrEmpty(`/proc/${port}/comm`)).trim();
  return command === '' ? `netlink port ${port}` : `${command}, process ${port}`;
}

/** The netlink port that holds a group: columns group, port, queue, copy mode, copy range, timeout, users. */
export function holderPort(table: string, group: number): number | null {
  for (const line of table.split('\n')) {
    const [held, port] = line.trim().split(/\s+/).map(Number);
    if (held === group && line.trim() !== '' && port !== undefined) return port;
  }
  return null;
}

function readOrEmpty(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
