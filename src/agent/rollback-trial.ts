import type { StagedSource } from '../source/source.ts';

const NO_FILES: ReadonlyMap<string, string> = new Map();

/** Manifests that an operator tries: they are in force, and not in the directory yet. */
export class RollbackTrial {
  readonly #stage: StagedSource['stage'] | null;
  #files = NO_FILES;

  /** `stage` reads the directory as if it had these files; null where the datastore is none. */
  constructor(stage: StagedSource['stage'] | null) {
    this.#stage = stage;
  }

  /** Whether manifests can be tried. */
  get isPossible(): boolean {
    return this.#stage !== null;
  }

  /** Texts by file name. */
  get files(): ReadonlyMap<string, string> {
    return this.#files;
  }

  /** These are tried once `deliver` is called. */
  take(files: ReadonlyMap<string, string>): void {
    this.#files = files;
  }

  /** Resolves once the loop has what is tried. */
  async deliver(): Promise<void> {
    await this.#stage?.(this.#files);
  }

  /** Nothing is tried any more: the directory is read as it is. */
  discard(): void {
    if (this.#files.size === 0) return;
    this.#files = NO_FILES;
    void this.deliver();
  }
}
