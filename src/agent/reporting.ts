import type { Cancel, Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import { matchesInterface } from '../config/interface-pattern.ts';
import type { LocalConfig } from '../config/local-config.ts';
import type { Nftables } from '../nftables-json/nftables.ts';
import type { MemberSet } from '../policy/local-policy.ts';
import { createMetrics } from '../status/metrics.ts';
import type { Metrics } from '../status/metrics.ts';
import type { DaemonStatus } from '../status/status-snapshot.ts';
import type { SetSize } from '../status/traffic-metrics.ts';
import { PolicySurvey } from './alarms-idle-policies.ts';
import { ALARM_CODES } from './alarms.ts';
import { createStatusSink } from './create-source.ts';
import type { DeniedFlows } from './denied-flows.ts';
import type { Loop } from './loop.ts';
import type { TurnReport } from './turn-report.ts';
import { stagedChanges } from './staged-flows.ts';
import type { StagedTally } from './staged-flows.ts';
import { StatusKeeper } from './status-keeper.ts';
import { StatusWriter } from './status-writer.ts';
import { TrafficReader } from './traffic-reader.ts';

/** What reporting is about, and whom it tells. Functions are not called before the first turn or scrape. */
export interface ReportingInputs {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly version: string;
  readonly nftables: Nftables;
  readonly loop: () => Pick<Loop, 'view' | 'objects'>;
  readonly dataplane: () => DataplaneSettings | null;
  /** Why services that should listen do not. */
  readonly serviceFaults: () => readonly { readonly code: string; readonly message: string }[];
  /** What staged policies would change. */
  readonly staged: () => readonly StagedTally[];
  readonly flows: () => Pick<DeniedFlows, 'book' | 'lost'>;
  /** Something in the status may have changed. */
  readonly changed: () => void;
}

/** What is told of the daemon's state: status, alarms, metrics, and status in the datastore. */
export interface Reporting {
  readonly keeper: StatusKeeper;
  readonly metrics: Metrics;
  /** A turn ended well. */
  turned(report: TurnReport): void;
  /** Settings are in force. */
  use(settings: DataplaneSettings): void;
  close(): Promise<void>;
}

// What changes without anybody saying so (a port that is taken, labels that no policy selects) is looked at so often.
const LOOK_MS = 10_000;

/** Creates it and begins to look. */
export function createReporting(config: LocalConfig, inputs: ReportingInputs): Reporting {
  const { clock, logger, nftables, loop, changed } = inputs;
  const survey = new PolicySurvey({
    clock,
    version: () => loop().objects.policyVersion,
    start: () => loop().objects.surveyPolicies(),
    changed,
  });
  const keeper = createKeeper(config, inputs, survey);
  const status = (): DaemonStatus => keeper.snapshot();
  const traffic = new TrafficReader({ nftables, clock, logger });
  const metrics = createMetrics({
    status,
    now: () => clock.now(),
    hasProcessMetrics: true,
    alarmCodes: ALARM_CODES,
    traffic: () => traffic.read(),
    sets: () => setSizes(keeper.lastTurn),
    staged: () => inputs.staged().flatMap(stagedChanges),
    flows: () => ({ denied: inputs.flows().book.counts, lost: inputs.flows().lost }),
  });
  const sink = createStatusSink(config, inputs);
  const writer = sink === null ? null : new StatusWriter({ sink, clock, logger, status });
  const stopLooking = repeat(clock, LOOK_MS, () => {
    if (keeper.lastTurn !== null) survey.refresh();
    changed();
  });
  return {
    keeper,
    metrics,
    turned: (report) => {
      traffic.use(report);
      survey.refresh();
    },
    use: (settings) => writer?.use(settings),
    close: async () => {
      stopLooking();
      survey.close();
      await writer?.close();
    },
  };
}

function createKeeper(
  { nodeName, datastore }: LocalConfig,
  { clock, logger, version, nftables, loop, dataplane, serviceFaults }: ReportingInputs,
  survey: PolicySurvey,
): StatusKeeper {
  return new StatusKeeper({
    identity: { version, nodeName, datastoreType: datastore.kind, transport: nftables.info },
    clock,
    logger,
    loop: () => loop().view,
    alarms: () => ({
      isExcluded: (name) => matchesInterface(dataplane()?.interfaceExclude ?? [], name),
      idlePolicies: survey.idle,
      failsafes: dataplane(),
      datastoreEndpoints: datastore.kind === 'etcdv3' ? datastore.endpoints : [],
      serviceFaults: serviceFaults(),
    }),
  });
}

const LONGEST_SELECTOR = 200;

function setSizes(turn: TurnReport | null): readonly SetSize[] {
  return [...(turn?.resolution.policy.sets.values() ?? [])].flatMap((set) => [
    setSize(set, '4'),
    setSize(set, '6'),
  ]);
}

function setSize({ id, kind, description, ipv4, ipv6 }: MemberSet, family: '4' | '6'): SetSize {
  const selector = description.slice(0, LONGEST_SELECTOR);
  const members = family === '4' ? ipv4.size : ipv6.size;
  return { labels: { set: id, kind, family, selector }, members };
}

function repeat(clock: Clock, intervalMs: number, task: () => void): Cancel {
  let cancel: Cancel = () => undefined;
  const next = (): void => {
    cancel = clock.after(intervalMs, () => {
      next();
      task();
    });
  };
  next();
  return () => {
    cancel();
  };
}
