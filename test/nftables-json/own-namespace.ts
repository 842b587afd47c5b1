import { readFileSync, readlinkSync } from 'node:fs';

const NEEDS = 'needs a network namespace of its own: start it under `unshare -n`';

/** `describe` for tests that change nftables: skipped, with the reason in the title, outside a namespace of its own. */
export function describeInOwnNamespace(title: string, body: () => void): void {
  if (isOwnNamespace()) describe(title, body);
  else describe.skip(`${title} (${NEEDS})`, body);
}

// Somebody up the line of parents lives in another namespace: /proc/1 itself is often not ours to read.
function isOwnNamespace(): boolean {
  const own = namespaceOf('self');
  for (let pid = process.ppid; pid > 0; pid = parentOf(pid)) {
    const theirs = namespaceOf(String(pid));
    if (theirs !== null && theirs !== own) return own !== null;
  }
  return false;
}

function namespaceOf(pid: string): string | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return null;
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
