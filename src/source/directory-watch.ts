import { watch } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { fileSignature } from './watch-files.ts';

/** inotify on a directory, renewed when another directory took its place; a hint, never the truth. */
export class DirectoryWatch {
  readonly #directory: string;
  readonly #changed: () => void;
  #watcher: FSWatcher | undefined;
  #identity = '';

  constructor(directory: string, changed: () => void) {
    this.#directory = directory;
    this.#changed = changed;
  }

  /** Makes sure that the directory which now has the name is the one that is watched. */
  async renew(): Promise<void> {
    const [device, inode] = (await fileSignature(this.#directory)).split(':');
    const identity = inode === undefined ? '' : `${device ?? ''}:${inode}`;
    if (identity === this.#identity) return;
    this.close();
    if (identity !== '') this.#open(identity);
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.#identity = '';
  }

  #open(identity: string): void {
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, this.#changed);
      this.#watcher.on('error', () => {
        this.close();
      });
      this.#identity = identity;
    } catch {
      // No inotify instance left, or the directory is gone again: polling goes on without it.
    }
  }
}
