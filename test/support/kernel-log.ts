import { execFileSync } from 'node:child_process';
import { closeSync, constants, existsSync, openSync, readSync } from 'node:fs';

const LOG_ALL = '/proc/sys/net/netfilter/nf_log_all_netns';

/** Why rules in network namespaces cannot be seen logging on this machine, or undefined when they can. */
export function kernelLogObstacle(): string | undefined {
  try {
    new KernelLog().close();
    return undefined;
  } catch (thrown) {
    return thrown instanceof Error ? thrown.message : String(thrown);
  }
}

/**
 * The kernel log from now on. While it is open, rules in network namespaces may log
 * (`nf_log_all_netns`); closing puts that back. Throws where the kernel log may not be read.
 */
export class KernelLog {
  readonly #fd: number;
  readonly #before: string;

  constructor() {
    this.#fd = openSync('/dev/kmsg', constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      this.#before = whereLoggingIsSet(`cat ${LOG_ALL}`).trim();
      whereLoggingIsSet(`echo 1 > ${LOG_ALL}`);
    } catch (thrown) {
      closeSync(this.#fd);
      throw thrown;
    }
    process.once('exit', this.#putBack);
    this.read();
  }

  /** The messages since the last call. */
  read(): readonly string[] {
    const messages: string[] = [];
    for (let record = this.#next(); record !== undefined; record = this.#next()) {
      messages.push(record.slice(record.indexOf(';') + 1).split('\n')[0] ?? '');
    }
    return messages;
  }

  close(): void {
    process.off('exit', this.#putBack);
    this.#putBack();
    closeSync(this.#fd);
  }

  readonly #putBack = (): void => {
    whereLoggingIsSet(`echo ${this.#before} > ${LOG_ALL}`);
  };

  #next(): string | undefined {
    const buffer = Buffer.alloc(8192);
    for (;;) {
      try {
        return buffer.toString('utf8', 0, readSync(this.#fd, buffer));
      } catch (thrown) {
        const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
        // EPIPE: the ring buffer overtook us; the next read goes on with what is left.
        if (code !== 'EPIPE') return undefined;
      }
    }
  }
}

// Only the first network namespace has this sysctl: a suite in one of its own reaches it through its parent's.
function whereLoggingIsSet(script: string): string {
  const parent = existsSync(LOG_ALL) ? [] : [`--net=/proc/${process.ppid}/ns/net`];
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  return execFileSync('nsenter', [...parent, 'sh', '-c', script], { encoding: 'utf8', stdio });
}
