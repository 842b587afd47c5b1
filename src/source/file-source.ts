import { compareBytes } from '../base/byte-order.ts';
import type { Cancel, Clock } from '../base/clock.ts';
import { InvariantError, toError } from '../base/errors.ts';
import { contentHash } from '../base/hash.ts';
import type { Logger } from '../base/logger.ts';
import type { Problem } from '../base/problem.ts';
import type { RawUpdate } from '../base/raw-update.ts';
import { DirectoryWatch } from './directory-watch.ts';
import { listManifests, readManifest } from './manifest-directory.ts';
import type { ManifestEntry } from './manifest-directory.ts';
import { parseManifest } from './manifest-file.ts';
import { admitFile, brokenFile, mergeFiles } from './manifest-set.ts';
import type { Admit, AdmittedFile, PlacedObject } from './manifest-set.ts';
import { Outage } from './outage.ts';
import { Settling } from './settling.ts';
import type { SourcePorts } from './source-ports.ts';
import type { SourceEvent, SourceListener, StagedSource } from './source.ts';

/** A directory of Calico manifests and who turns documents into stored objects; times in milliseconds. */
export interface FileSourceOptions {
  readonly directory: string;
  readonly admit: Admit;
  /** The directory is looked at this often even when the kernel reports no change (default 2000). */
  readonly pollMs?: number | undefined;
  /**
   * A file is read after nobody wrote to it for this long (default 50). Ten times as long when its
   * last line has no end yet, when it is empty (emptied to be written anew), and before a file that
   * vanished is believed to be gone.
   */
  readonly settleMs?: number | undefined;
}

/**
 * Calico's resources as a directory of manifests, many documents a file. All files together are one
 * snapshot: while any of them cannot be read, none of the changes is delivered, only `problems`.
 */
export function createFileSource(options: FileSourceOptions, ports: SourcePorts): StagedSource {
  return new FileSource(options, ports);
}

const POLL_MS = 2_000;
const SETTLE_MS = 50;
const DOUBTFUL = 10;
const GRACE_MS = 200;

interface CachedFile {
  readonly signature: string;
  /** Whether the last line is finished. */
  readonly finished: boolean;
  readonly admitted: AdmittedFile;
}

class FileSource implements StagedSource {
  readonly #directory: string;
  readonly #admit: Admit;
  readonly #pollMs: number;
  readonly #settleMs: number;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #outage: Outage;
  readonly #settling: Settling;
  readonly #watch: DirectoryWatch;
  #listener: SourceListener | undefined;
  /** Files as last read, and those of them that were last taken over. */
  #read = new Map<string, CachedFile>();
  #taken = new Map<string, CachedFile>();
  #staged: ReadonlyMap<string, string> = new Map();
  /** Who waits until what is staged has been delivered. */
  readonly #awaiting: (() => void)[] = [];
  /** Hash of the value of every key that the listener has. */
  #delivered: ReadonlyMap<string, string> = new Map();
  #problems = '[]';
  #revision = 0;
  #owesInSync = true;
  #closed = false;
  #scanning: Promise<void> = Promise.resolve();
  #cancelScan: Cancel = () => undefined;
  #cancelPoll: Cancel = () => undefined;

  constructor(options: FileSourceOptions, ports: SourcePorts) {
    this.#directory = options.directory;
    this.#admit = options.admit;
    this.#pollMs = options.pollMs ?? POLL_MS;
    this.#settleMs = options.settleMs ?? SETTLE_MS;
    this.#clock = ports.clock;
    this.#logger = ports.logger;
    this.#outage = new Outage(ports, GRACE_MS, (error) => {
      this.#owesInSync = true;
      this.#emit({ kind: 'lost', error });
    });
    this.#settling = new Settling(ports.clock);
    this.#watch = new DirectoryWatch(options.directory, () => {
      this.#scanAfter(this.#settleMs);
    });
  }

  start(listener: SourceListener): void {
    if (this.#listener !== undefined) throw new InvariantError('a source is started once');
    this.#listener = listener;
    this.#scanNow();
  }

  stage(files: ReadonlyMap<string, string>): Promise<void> {
    this.#staged = files;
    this.#owesInSync = true;
    return new Promise((resolve) => {
      this.#awaiting.push(resolve);
      this.#scanNow();
    });
  }

  resync(): void {
    this.#read = new Map();
    this.#owesInSync = true;
    this.#scanNow();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelScan();
    this.#outage.over();
    await this.#scanning;
    this.#cancelPoll();
    this.#watch.close();
  }

  #scanAfter(delayMs: number): void {
    this.#cancelScan();
    if (this.#closed) return;
    this.#cancelScan = this.#clock.after(delayMs, () => {
      this.#scanNow();
    });
  }

  #scanNow(): void {
    this.#cancelScan();
    this.#scanning = this.#scanning.then(async () => {
      if (this.#closed || this.#listener === undefined) return;
      try {
        await this.#scan();
      } catch (error) {
        this.#logger.warn({ error: toError(error).message }, 'resource directory not readable');
        this.#outage.failed(toError(error));
      }
      this.#cancelPoll();
      this.#cancelPoll = this.#clock.after(this.#pollMs, () => {
        this.#scanNow();
      });
    });
  }

  async #scan(): Promise<void> {
    // Watched before it is listed: what changes in between must not go unnoticed.
    await this.#watch.renew();
    const entries = await listManifests(this.#directory);
    const files = await this.#readAll(entries);
    const unchanged = sameEntries(entries, await listManifests(this.#directory));
    const restless = unchanged ? this.#restlessFor(entries, files) : this.#settleMs;
    if (restless > 0) this.#scanAfter(restless);
    else if (!this.#closed) this.#take(files);
  }

  async #readAll(entries: readonly ManifestEntry[]): Promise<Map<string, CachedFile>> {
    const files = new Map<string, CachedFile>();
    for (const { name, signature } of entries) {
      const known = this.#read.get(name);
      const current = known?.signature === signature && !known.admitted.broken;
      files.set(name, current ? known : { signature, ...(await this.#readOne(name)) });
    }
    this.#read = files;
    return this.#staged.size === 0 ? files : this.#withStaged(files);
  }

  // What was read stays remembered, for when these are gone.
  #withStaged(files: ReadonlyMap<string, CachedFile>): Map<string, CachedFile> {
    const all = new Map(files);
    for (const [name, text] of this.#staged) {
      const admitted = admitFile(name, parseManifest(name, text), this.#admit);
      all.set(name, { signature: stagedSignature(text), finished: true, admitted });
    }
    return new Map([...all].sort(([a], [b]) => compareBytes(a, b)));
  }

  async #readOne(name: string): Promise<Omit<CachedFile, 'signature'>> {
    try {
      const text = await readManifest(this.#directory, name);
      const admitted = admitFile(name, parseManifest(name, text), this.#admit);
      return { finished: text.endsWith('\n'), admitted };
    } catch (error) {
      const problems = [brokenFile(name, `cannot be read: ${toError(error).message}`)];
      return { finished: true, admitted: { broken: true, objects: [], problems } };
    }
  }

  /** How much longer to wait until every file that changed or vanished can be believed; 0 for now. */
  #restlessFor(entries: readonly ManifestEntry[], files: Map<string, CachedFile>): number {
    const doubtfulMs = this.#settleMs * DOUBTFUL;
    const waits = [0];
    for (const { name, signature, writtenAt } of entries) {
      if (this.#taken.get(name)?.signature === signature) continue;
      const enough = files.get(name)?.finished === true ? this.#settleMs : doubtfulMs;
      waits.push(enough - this.#settling.quietFor(name, signature, writtenAt));
    }
    for (const name of this.#taken.keys()) {
      if (!files.has(name)) waits.push(doubtfulMs - this.#settling.quietFor(name, 'absent'));
    }
    return Math.ceil(Math.max(...waits));
  }

  #take(files: Map<string, CachedFile>): void {
    const admitted = [...files.values()].map((file) => file.admitted);
    const { objects, problems } = mergeFiles(admitted);
    this.#report(problems);
    this.#outage.over();
    if (admitted.some((file) => file.broken)) {
      this.#owesInSync = true;
      return;
    }
    this.#deliver(objects);
    this.#taken = files;
    this.#settling.forget();
    if (!this.#owesInSync) return;
    this.#emit({ kind: 'in-sync', revision: this.#revision });
    this.#owesInSync = false;
    this.#tellStaged(files);
  }

  // A scan may have begun before they were staged.
  #tellStaged(files: ReadonlyMap<string, CachedFile>): void {
    const isIn = [...this.#staged].every(
      ([name, text]) => files.get(name)?.signature === stagedSignature(text),
    );
    if (!isIn) {
      this.#owesInSync = true;
      return;
    }
    for (const resolve of this.#awaiting.splice(0)) resolve();
  }

  #report(problems: readonly Problem[]): void {
    const text = JSON.stringify(problems);
    if (text === this.#problems) return;
    this.#emit({ kind: 'problems', problems });
    this.#problems = text;
  }

  #deliver(objects: ReadonlyMap<string, PlacedObject>): void {
    const revision = this.#revision + 1;
    const updates: RawUpdate[] = [];
    const hashes = new Map<string, string>();
    for (const { key, value } of objects.values()) {
      const hash = contentHash(value);
      hashes.set(key, hash);
      if (this.#delivered.get(key) === hash) continue;
      updates.push({ key, value: new TextEncoder().encode(value), revision });
    }
    for (const key of this.#delivered.keys()) {
      if (!objects.has(key)) updates.push({ key, value: null, revision });
    }
    if (updates.length === 0) return;
    this.#emit({ kind: 'updates', updates, revision });
    this.#revision = revision;
    this.#delivered = hashes;
  }

  #emit(event: SourceEvent): void {
    if (!this.#closed) this.#listener?.(event);
  }
}

function stagedSignature(text: string): string {
  return `staged ${contentHash(text)}`;
}

function sameEntries(a: readonly ManifestEntry[], b: readonly ManifestEntry[]): boolean {
  const text = (entries: readonly ManifestEntry[]): string =>
    JSON.stringify(entries.map(({ name, signature }) => [name, signature]));
  return text(a) === text(b);
}
