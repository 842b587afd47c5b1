import { KernelLog } from '../test/support/kernel-log.ts';
import type { Counters } from './decider.ts';
import { addressOf } from './hosts.ts';

/** What Log rules did: lines of the kernel log, or why there are none to be had. */
export type Logged =
  | { readonly kind: 'lines'; readonly lines: readonly string[] }
  | { readonly kind: 'unreadable'; readonly why: string };

const FIELDS = /^(?:IN|OUT|SRC|DST|PROTO|SPT|DPT)=/;

/**
 * Runs `during` while rules in network namespaces may write to the kernel log (the sysctl
 * `nf_log_all_netns`, put back afterwards), and resolves to what the Log rules of db-1 wrote.
 */
export async function withKernelLog(during: () => Promise<void>): Promise<Logged> {
  const log = openKernelLog();
  if (typeof log === 'string') {
    await during();
    return { kind: 'unreadable', why: log };
  }
  const close = (): void => {
    log.close();
  };
  // A signal ends the process through its exit handlers; the sysctl is the machine's.
  process.once('exit', close);
  try {
    await during();
    const lines = log.read().filter(isOurs).map(shortened);
    return { kind: 'lines', lines };
  } finally {
    process.off('exit', close);
    close();
  }
}

/** How many packets the first rule of a policy, its Log rule, has counted, both ways together. */
export function loggedPackets(counters: Counters, policy: string): number {
  const count = (way: string): number => counters.get(`${way}/gnp/${policy}/0`) ?? 0;
  return count('ingress') + count('egress');
}

function openKernelLog(): KernelLog | string {
  try {
    return new KernelLog();
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

// The log is the whole machine's: only what names db-1 is of this demo.
function isOurs(line: string): boolean {
  const isAbout = line.includes(`=${addressOf('db-1', 4)} `) || line.includes('=2001:0db8:');
  return line.startsWith('calico-packet: ') && isAbout;
}

// Hardware addresses, TTL and the like would take three lines.
function shortened(line: string): string {
  const [prefix = '', ...words] = line.split(' ');
  return [prefix, ...words.filter((word) => FIELDS.test(word))].join(' ');
}
