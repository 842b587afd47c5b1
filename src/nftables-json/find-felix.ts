import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const LIMIT_MS = 10_000;
const LARGEST_LISTING = 64 * 1024 * 1024;

/**
 * The tables on this host that Calico's own agent (Felix) keeps, as `nft` names them; empty when there are none, or
 * when they cannot be listed. Rules of iptables-legacy are not nftables' and are not seen.
 */
export async function findFelix(): Promise<readonly string[]> {
  try {
    const options = { timeout: LIMIT_MS, maxBuffer: LARGEST_LISTING };
    const { stdout } = await promisify(execFile)('nft', ['list', 'chains'], options);
    return felixTables(stdout);
  } catch {
    return [];
  }
}

/** Those tables of a listing of chains that are called `calico`, or have chains called `cali-…`. */
export function felixTables(listing: string): readonly string[] {
  const found = new Set<string>();
  let table = '';
  for (const line of listing.split('\n')) {
    table = /^table (\S+ \S+) \{/.exec(line)?.[1] ?? table;
    const isFelix = /^\S+ calico$/.test(table) || /^\s*chain cali-/.test(line);
    if (table !== 'inet rampart' && table !== '' && isFelix) found.add(table);
  }
  return [...found].sort();
}
