import type { StagedAnswer, StagedFlowView, StagedJudgement, StagedView } from '../control/wire.ts';
import type { Packet } from '../explain/explain.ts';
import type { ChangedFlow, Judgement, StagedTally } from './staged-flows.ts';
import type { StagedReport } from './staged-watch.ts';

/** What was found of staged policies as the local API tells it: moments as text. */
export function stagedAnswer({ tallies, notJudged, error }: StagedReport): StagedAnswer {
  const together = tallies.find(({ name }) => name === '');
  return {
    policies: tallies.filter(({ name }) => name !== '').map(view),
    together: together === undefined ? null : view(together),
    notJudged,
    error,
  };
}

function view({ isEvaluated, since, examples, ...tally }: StagedTally): StagedView {
  return {
    ...tally,
    evaluated: isEvaluated,
    since: new Date(since).toISOString(),
    examples: examples.map(flowView),
  };
}

function flowView({ at, packet, now, then }: ChangedFlow): StagedFlowView {
  const { path, iifname, oifname, protocol, source, destination } = packet;
  const { sourcePort, destinationPort, icmpType } = packet;
  return {
    at: new Date(at).toISOString(),
    ...{ path, direction: directionOf(packet), iifname, oifname, protocol },
    ...{ source, sourcePort, destination, destinationPort, icmpType },
    now: judgement(now),
    then: judgement(then),
  };
}

function judgement({ verdict, by }: Judgement): StagedJudgement {
  return { verdict, by };
}

function directionOf({ path }: Packet): StagedFlowView['direction'] {
  if (path === 'input') return 'ingress';
  return path === 'output' ? 'egress' : 'both';
}
