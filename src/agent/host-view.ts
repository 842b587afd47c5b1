import type { NetworkInterface } from '../host/host.ts';
import type { PolicyStore } from '../policy/policy-store.ts';
import type { LoopPorts, LoopSettings } from './loop-ports.ts';
import type { ProblemBook } from './problem-book.ts';

/** What resolves the settings, who sees the interfaces, and where problems are reported. */
export interface HostViewPorts extends Pick<LoopPorts, 'settings'> {
  readonly store: Pick<PolicyStore, 'felixLayers' | 'setInterfaces'>;
  readonly problems: ProblemBook;
}

/** This host's interfaces and settings. The store sees the interfaces, and which of them the settings exclude. */
export class HostView {
  readonly #ports: HostViewPorts;
  #interfaces: readonly NetworkInterface[] | null = null;
  #settings: LoopSettings | null = null;

  constructor(ports: HostViewPorts) {
    this.#ports = ports;
  }

  /** Null until the host has told them. */
  get interfaces(): readonly NetworkInterface[] | null {
    return this.#interfaces;
  }

  /** The host tells its interfaces. */
  useInterfaces(interfaces: readonly NetworkInterface[]): void {
    this.#interfaces = interfaces;
    this.#tellStore();
  }

  /** What settings are made of may have changed: they are asked for again. */
  doubtSettings(): void {
    this.#settings = null;
  }

  /** The settings in force. */
  settings(): LoopSettings {
    if (this.#settings !== null) return this.#settings;
    const { store, problems: book } = this.#ports;
    const { settings, problems } = this.#ports.settings(store.felixLayers);
    book.report('settings', problems);
    this.#settings = settings;
    this.#tellStore();
    return settings;
  }

  #tellStore(): void {
    if (this.#interfaces === null) return;
    const settings = this.#settings;
    this.#ports.store.setInterfaces(
      this.#interfaces,
      (name) => settings?.isExcluded(name) === true,
    );
  }
}
