import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cancel } from '../base/clock.ts';
import { HostError, toError } from '../base/errors.ts';
import { EarliestTimer } from './earliest-timer.ts';
import type { Host, InterfacesListener, NetworkInterface } from './host.ts';
import { InventoryPublisher } from './inventory-publisher.ts';
import { inventoryFromIpJson } from './ip-json.ts';
import { COALESCE_MS, DEFAULT_REFRESH_MS } from './rtnetlink-host.ts';
import type { HostOptions, HostPorts } from './rtnetlink-host.ts';

const run = promisify(execFile);

const RETRY_MS = 1000;
/** `ip monitor` does not say when it has begun to listen: what changed until then needs one more listing. */
const MONITOR_START_MS = 250;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * A Host that runs `ip` (iproute2 4.16 or later): `ip monitor` says that something changed, `ip -j` what there is.
 * For machines where rtnetlink is out of reach. `start` rejects with HostError `ip-failed`.
 */
export function createProcessHost(ports: HostPorts, options: HostOptions = {}): Host {
  return new ProcessHost(ports, options.refreshMs ?? DEFAULT_REFRESH_MS);
}

class ProcessHost implements Host {
  readonly #ports: HostPorts;
  readonly #refreshMs: number;
  #publisher: InventoryPublisher | undefined;
  #monitor: ChildProcess | undefined;
  #closed = false;
  #listing = false;
  #again = false;
  readonly #updateTimer: EarliestTimer;
  #cancelRefresh: Cancel = () => undefined;
  #cancelRestart: Cancel = () => undefined;

  constructor(ports: HostPorts, refreshMs: number) {
    this.#ports = ports;
    this.#refreshMs = refreshMs;
    this.#updateTimer = new EarliestTimer(ports.clock, () => {
      void this.#update();
    });
  }

  async start(listener: InterfacesListener): Promise<void> {
    const publisher = new InventoryPublisher(this.#ports.clock, listener);
    this.#publisher = publisher;
    this.#startMonitor();
    try {
      publisher.publish(await listWithIp());
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#scheduleRefresh();
  }

  close(): Promise<void> {
    this.#closed = true;
    this.#updateTimer.cancel();
    this.#cancelRefresh();
    this.#cancelRestart();
    this.#publisher?.close();
    this.#monitor?.kill();
    return Promise.resolve();
  }

  #startMonitor(): void {
    const monitor = spawn('ip', ['monitor', 'link', 'route'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#monitor = monitor;
    monitor.stdout.on('data', () => {
      if (!this.#closed) this.#updateTimer.within(COALESCE_MS);
    });
    monitor.once('error', (error) => {
      this.#restartMonitor(error.message);
    });
    monitor.once('exit', (code, signal) => {
      this.#restartMonitor(`it ended with ${signal ?? `code ${String(code)}`}`);
    });
    this.#updateTimer.within(MONITOR_START_MS);
  }

  #restartMonitor(reason: string): void {
    if (this.#closed) return;
    const fields = { reason, retryMs: RETRY_MS };
    this.#ports.logger.warn(fields, 'ip monitor is not running; starting it again');
    this.#cancelRestart();
    this.#cancelRestart = this.#ports.clock.after(RETRY_MS, () => {
      this.#startMonitor();
    });
  }

  #scheduleRefresh(): void {
    this.#cancelRefresh = this.#ports.clock.after(this.#refreshMs, () => {
      this.#updateTimer.within(0);
      this.#scheduleRefresh();
    });
  }

  async #update(): Promise<void> {
    this.#again = this.#listing;
    if (this.#listing) return;
    this.#listing = true;
    try {
      const inventory = await listWithIp();
      if (!this.#isClosed()) this.#publisher?.publish(inventory);
    } catch (error) {
      if (this.#isClosed()) return;
      const fields = { error: toError(error).message, retryMs: RETRY_MS };
      this.#ports.logger.warn(fields, 'Listing the interfaces failed; trying again');
      this.#updateTimer.within(RETRY_MS);
    } finally {
      this.#listing = false;
    }
    if (this.#isAgain() && !this.#isClosed()) this.#updateTimer.within(0);
  }

  #isClosed(): boolean {
    return this.#closed;
  }

  #isAgain(): boolean {
    return this.#again;
  }
}

async function listWithIp(): Promise<readonly NetworkInterface[]> {
  const [links, ipv4, ipv6] = await Promise.all([
    ip(['-j', 'link', 'show']),
    ip(['-j', '-4', ...LOCAL_ROUTES]),
    ip(['-j', '-6', ...LOCAL_ROUTES]),
  ]);
  try {
    return inventoryFromIpJson(links, [ipv4, ipv6]);
  } catch (cause) {
    throw new HostError(
      'ip-failed',
      'ip -j printed no JSON; iproute2 4.16 or later is needed',
      cause,
    );
  }
}

const LOCAL_ROUTES = ['route', 'show', 'table', 'local', 'type', 'local'];

async function ip(parameters: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run('ip', parameters, { maxBuffer: MAX_OUTPUT_BYTES });
    return stdout;
  } catch (cause) {
    const message = toError(cause).message.trim();
    // The table comes into being with its first route.
    if (message.includes('table does not exist')) return '';
    throw new HostError('ip-failed', message, cause);
  }
}
