import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const NETLINK_NETFILTER = '12';

/** A descriptor of this process that speaks to nf_tables. */
export interface NetfilterSocket {
  readonly fd: number;
  /** It hears of changes. */
  readonly isListening: boolean;
}

/** All of them, as /proc shows them. */
export function netfilterSockets(): readonly NetfilterSocket[] {
  const groups = new Map<string, string>(
    readFileSync('/proc/self/net/netlink', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, protocol]) => protocol === NETLINK_NETFILTER)
      .map((fields) => [`socket:[${String(fields[9])}]`, String(fields[3])] as const),
  );
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const group = groups.get(linkOf(fd));
    return group === undefined ? [] : [{ fd: Number(fd), isListening: /[^0]/.test(group) }];
  });
}

function linkOf(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    return '';
  }
}
