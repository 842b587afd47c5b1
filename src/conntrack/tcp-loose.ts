import { readFile } from 'node:fs/promises';

const SYSCTL = '/proc/sys/net/netfilter/nf_conntrack_tcp_loose';

/** Whether connection tracking takes up TCP connections in their middle (nf_conntrack_tcp_loose), as it does by default. */
export async function readTcpLoose(): Promise<boolean> {
  try {
    return (await readFile(SYSCTL, 'utf8')).trim() !== '0';
  } catch {
    return true;
  }
}
