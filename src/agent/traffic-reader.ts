import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { endpointCounter, tierCounter, wouldDenyCounter } from '../compile/names.ts';
import { ruleCounter } from '../compile/policy-rules.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { LocalPolicy } from '../policy/local-policy.ts';
import { CounterLedger } from '../status/counter-ledger.ts';
import type {
  DenialTraffic,
  RuleTraffic,
  Traffic,
  WouldDenyTraffic,
} from '../status/traffic-metrics.ts';
import { activeRules } from './active-rules.ts';
import type { ActiveRules } from './active-rules.ts';
import type { TurnReport } from './turn-report.ts';

/** What the kernel is asked through. */
export interface TrafficPorts {
  readonly nftables: Pick<Nftables, 'counters'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How old an answer may be that is given once more. */
export const TRAFFIC_CACHE_MS = 1_000;
/** How long a scrape waits for the kernel before it gets the values of the time before. */
export const TRAFFIC_WAIT_MS = 3_000;

interface Source<Labels> {
  readonly counter: string;
  readonly labels: Labels;
}

interface Total<Labels> {
  readonly labels: Labels;
  readonly packets: number;
  readonly bytes: number;
}

interface Sources {
  readonly rules: readonly Source<RuleTraffic['labels']>[];
  readonly denials: readonly Source<DenialTraffic['labels']>[];
  readonly wouldDeny: readonly Source<WouldDenyTraffic['labels']>[];
}

type WouldDenySource = Sources['wouldDeny'][number];

/** Reads what rules have counted, by policy instead of by counter, in totals that never go backwards. */
export class TrafficReader {
  readonly #ports: TrafficPorts;
  readonly #ledger = new CounterLedger();
  #counters: ReadonlySet<string> = new Set();
  #endpoints: LocalPolicy['endpoints'] = [];
  #sources: Sources | null = null;
  #reading: Promise<void> | null = null;
  #readAt = -Infinity;

  constructor(ports: TrafficPorts) {
    this.#ports = ports;
  }

  /** What is in the kernel from now on. */
  use({ ruleset, resolution }: TurnReport): void {
    const { counters } = ruleset;
    if (counters !== this.#counters) {
      this.#ledger.retire([...this.#counters].filter((name) => !counters.has(name)));
      this.#counters = counters;
      this.#sources = null;
    }
    const { endpoints } = resolution.policy;
    if (endpoints !== this.#endpoints) this.#sources = null;
    this.#endpoints = endpoints;
  }

  /** The totals, at most a second old if the kernel answers. Never rejects. */
  async read(): Promise<Traffic> {
    const { clock } = this.#ports;
    if (clock.monotonic() - this.#readAt >= TRAFFIC_CACHE_MS) {
      this.#reading ??= this.#readCounters();
      await this.#inTime(this.#reading);
    }
    this.#sources ??= sourcesOf(this.#endpoints, this.#counters);
    const { rules, denials, wouldDeny } = this.#sources;
    const total = <Labels>({ counter, labels }: Source<Labels>): Total<Labels> => ({
      labels,
      ...this.#ledger.total(counter),
    });
    return {
      rules: rules.map(total),
      denials: denials.map(total),
      wouldDeny: wouldDeny.map(total),
    };
  }

  async #readCounters(): Promise<void> {
    try {
      const counters = this.#counters;
      const readings = await this.#ports.nftables.counters();
      // What was read before a turn may be of counters that the turn deleted.
      if (counters === this.#counters) this.#ledger.read(readings);
      this.#readAt = this.#ports.clock.monotonic();
    } catch (thrown) {
      const error = toError(thrown).message;
      this.#ports.logger.debug({ error }, 'could not read the counters of the rules');
    } finally {
      this.#reading = null;
    }
  }

  async #inTime(reading: Promise<void>): Promise<void> {
    let stop = (): void => undefined;
    const late = new Promise<void>((resolve) => {
      stop = this.#ports.clock.after(TRAFFIC_WAIT_MS, resolve);
    });
    await Promise.race([reading, late]);
    stop();
  }
}

/** What the counters of a ruleset count, in the words of Calico. */
export function sourcesOf(
  endpoints: LocalPolicy['endpoints'],
  counters: ReadonlySet<string>,
): Sources {
  const isPresent = ({ counter }: Source<unknown>): boolean => counters.has(counter);
  const rules = activeRules(endpoints).flatMap(ruleSources);
  const denials = denialSources(endpoints);
  return {
    rules: rules.filter(isPresent),
    denials: denials.filter(isPresent),
    wouldDeny: [...rules.map(wouldDenyOfRule), ...denials.map(wouldDenyOfEnd)].filter(isPresent),
  };
}

function wouldDenyOfRule({ counter, labels }: Sources['rules'][number]): WouldDenySource {
  const { policy, kind, namespace, rule, tier, direction } = labels;
  const own = { reason: 'rule', policy, kind, namespace, rule, tier, direction } as const;
  return { counter: wouldDenyCounter(counter), labels: { ...own, endpoint: '' } };
}

function wouldDenyOfEnd({ counter, labels }: Sources['denials'][number]): WouldDenySource {
  const none = { policy: '', kind: '', namespace: '', rule: '' };
  return { counter: wouldDenyCounter(counter), labels: { ...none, ...labels } };
}

function ruleSources({ owner, tier, list }: ActiveRules): Sources['rules'] {
  const { kind, namespace, name } = owner;
  return list.rules.map(({ action }, index) => ({
    counter: ruleCounter(list, index),
    labels: {
      policy: name,
      kind,
      namespace,
      tier,
      direction: list.direction,
      rule: String(index),
      action,
    },
  }));
}

function denialSources(endpoints: LocalPolicy['endpoints']): Sources['denials'] {
  return endpoints.flatMap(({ hostEndpoint: { name: endpoint }, normal }) =>
    (['ingress', 'egress'] as const).flatMap((direction) => [
      ...normal.map(({ name: tier }) => ({
        counter: tierCounter(direction, tier, endpoint),
        labels: { reason: 'tier', endpoint, tier, direction } as const,
      })),
      {
        counter: endpointCounter(direction, endpoint, 'deny'),
        labels: { reason: 'endpoint', endpoint, tier: '', direction } as const,
      },
      {
        counter: endpointCounter(direction, endpoint, 'invalid'),
        labels: { reason: 'invalid', endpoint, tier: '', direction } as const,
      },
    ]),
  );
}
