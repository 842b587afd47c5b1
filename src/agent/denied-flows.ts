import type { Cancel, Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { DENIED_PREFIX } from '../compile/denied-log.ts';
import type { CompileSettings } from '../compile/settings.ts';
import type { LocalConfig } from '../config/local-config.ts';
import type { PacketLog, PacketSubscription } from '../nflog/packet-log.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import { denialIndex } from './denial-index.ts';
import { deniedFlow } from './denied-flow.ts';
import type { FlowContext } from './denied-flow.ts';
import { DeniedFlowBook } from './denied-flow-book.ts';

/** What it needs. */
export interface DeniedFlowsInputs {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly packetLog: PacketLog;
  /** What is in force; null before the first turn. */
  readonly inForce: () => {
    readonly policy: LocalPolicy;
    readonly settings: CompileSettings;
  } | null;
  /** The group was opened or given back by itself: the ruleset may have to log, or may no longer. */
  readonly changed: () => void;
}

type FlowSettings = LocalConfig['flows'];

const RETRY_MS = 30_000;

/** Hears what the ruleset logs of denied packets, for as long as the configuration asks for it. */
export class DeniedFlows {
  readonly #inputs: DeniedFlowsInputs;
  readonly book: DeniedFlowBook;
  #wanted: FlowSettings = { denied: false, group: 0, rateLimit: 0 };
  #open: { readonly group: number; readonly subscription: PacketSubscription } | null = null;
  #retry: Cancel | null = null;
  #fault: string | null = null;
  #context: (FlowContext & { readonly settings: CompileSettings }) | null = null;
  #lost = 0;
  #isClosed = false;

  constructor(inputs: DeniedFlowsInputs) {
    this.#inputs = inputs;
    this.book = new DeniedFlowBook(inputs.clock, inputs.logger);
  }

  /** Packets that were logged but came too fast to be heard. */
  get lost(): number {
    return this.#lost;
  }

  /** Whether packets of a group are heard here. */
  isHeard(group: number): boolean {
    return this.#open?.group === group;
  }

  /** Whether the configuration asks for it. */
  get isWanted(): boolean {
    return this.#wanted.denied;
  }

  /** Does what the configuration says. Never rejects; a group that cannot be had is a fault, and tried again. */
  async use(wanted: FlowSettings): Promise<void> {
    this.#wanted = wanted;
    this.#retry?.();
    this.#fault = null;
    if (this.#open !== null && !(wanted.denied && this.#open.group === wanted.group)) {
      this.#open.subscription.close();
      this.#open = null;
    }
    if (wanted.denied && this.#open === null) await this.#attempt(wanted);
  }

  faults(): readonly { readonly code: string; readonly message: string }[] {
    if (this.#fault === null) return [];
    const message = `denied flows are not told of, though flows.denied says so: ${this.#fault}`;
    return [{ code: 'flows-unavailable', message }];
  }

  close(): void {
    this.#isClosed = true;
    this.#retry?.();
    this.#open?.subscription.close();
    this.#inputs.packetLog.close();
    this.book.close();
  }

  async #attempt(wanted: FlowSettings): Promise<void> {
    try {
      const subscription = await this.#inputs.packetLog.open(wanted.group, {
        prefix: DENIED_PREFIX,
        onPacket: (packet) => {
          this.book.add(deniedFlow(packet, this.#contextNow()));
        },
        onLost: (packets) => {
          this.#lost += packets;
        },
      });
      if (this.#isClosed || this.#wanted !== wanted) subscription.close();
      else this.#open = { group: wanted.group, subscription };
    } catch (thrown) {
      if (this.#isClosed || this.#wanted !== wanted) return;
      this.#fault = toError(thrown).message;
      this.#inputs.logger.warn({ error: this.#fault }, 'denied flows are not told of');
      this.#retry = this.#inputs.clock.after(RETRY_MS, () => {
        void this.use(wanted).then(() => {
          if (this.#open !== null) this.#inputs.changed();
        });
      });
    }
  }

  #contextNow(): FlowContext {
    const inForce = this.#inputs.inForce();
    if (inForce === null) return this.#context ?? NOTHING;
    const { policy, settings } = inForce;
    const known = this.#context;
    if (known?.endpoints === policy.endpoints && known.settings === settings) return known;
    const isObserving = settings.enforcement === 'observe';
    const index = denialIndex(policy, settings);
    const context = { index, endpoints: policy.endpoints, isObserving, settings };
    this.#context = context;
    return context;
  }
}

const NOTHING: FlowContext = { index: new Map(), endpoints: [], isObserving: false };
