import { stat } from 'node:fs/promises';
import type { Clock } from '../base/clock.ts';

/**
 * Calls `changed` after any of the files got another content, inode or existence, and stayed so for
 * one interval. Looks every `intervalMs` instead of using inotify, which misses atomic renames and
 * the symbolic links of mounted secrets. Returns what stops it.
 */
export function watchFiles(
  paths: readonly string[],
  intervalMs: number,
  clock: Clock,
  changed: () => void,
): () => void {
  if (paths.length === 0) return () => undefined;
  let stopped = false;
  let settled: string | undefined;
  let previous: string | undefined;
  let cancel = (): void => undefined;

  const look = async (): Promise<void> => {
    const now = (await Promise.all(paths.map(fileSignature))).join('\n');
    if (stopped) return;
    settled ??= now;
    if (now !== settled && now === previous) {
      settled = now;
      changed();
    }
    previous = now;
    cancel = clock.after(intervalMs, () => void look());
  };
  void look();
  return () => {
    stopped = true;
    cancel();
  };
}

/** Changes whenever the file behind `path` (symbolic links followed) does; `absent` without one. */
export async function fileSignature(path: string): Promise<string> {
  try {
    const { dev, ino, size, mtimeNs } = await stat(path, { bigint: true });
    return [dev, ino, size, mtimeNs].join(':');
  } catch {
    return 'absent';
  }
}
