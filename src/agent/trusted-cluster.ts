import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { writeDurably } from './durable-file.ts';
import { readStateFile } from './state-file.ts';

const FILE = 'trusted-cluster';

/** The cluster whose policy this host enforces, remembered over restarts in the state directory. */
export class TrustedCluster {
  readonly #stateDir: string;
  readonly #logger: Logger;
  #guid: string | null;
  #writing: Promise<void> = Promise.resolve();

  private constructor(stateDir: string, logger: Logger, guid: string | null) {
    this.#stateDir = stateDir;
    this.#logger = logger;
    this.#guid = guid;
  }

  /** Reads what was remembered; a file that cannot be read is reported and counts as nothing. */
  static open(stateDir: string, logger: Logger): TrustedCluster {
    return new TrustedCluster(stateDir, logger, readGuid(stateDir, logger));
  }

  /** GUID of the cluster; null on a host that never enforced any policy. */
  get guid(): string | null {
    return this.#guid;
  }

  /** Remembers the cluster whose policy is in force now; an empty GUID is none. */
  remember(guid: string): void {
    if (guid === '' || guid === this.#guid) return;
    this.#guid = guid;
    this.#writing = this.#writing
      .then(() => writeGuid(this.#stateDir, guid))
      .catch((thrown: unknown) => {
        const error = toError(thrown).message;
        this.#logger.error({ error }, 'could not remember the cluster in the state directory');
      });
  }

  /** Remembers a cluster because an operator says so. Rejects when it cannot be remembered over a restart. */
  async trust(guid: string): Promise<void> {
    await this.#writing;
    await writeGuid(this.#stateDir, guid);
    this.#guid = guid;
  }

  /** Resolves when nothing is left to be written. */
  async close(): Promise<void> {
    await this.#writing;
  }
}

function readGuid(stateDir: string, logger: Logger): string | null {
  try {
    const text = readStateFile(join(stateDir, FILE))?.trim() ?? '';
    return text === '' ? null : text;
  } catch (thrown) {
    const error = toError(thrown).message;
    logger.error({ error }, 'could not read which cluster this host belongs to');
    return null;
  }
}

async function writeGuid(stateDir: string, guid: string): Promise<void> {
  await mkdir(stateDir, { recursive: true, mode: 0o700 });
  await writeDurably(stateDir, FILE, [`${guid}\n`]);
}
