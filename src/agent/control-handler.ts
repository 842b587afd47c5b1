import type { ControlHandler } from '../control/handler.ts';
import type { PolicyViewAnswer, SetAnswer } from '../control/wire.ts';
import type { HistoryAnswer } from '../report/history.ts';
import { nftText } from '../ruleset/nft-text.ts';
import { connections } from './control-connections.ts';
import { countersAnswer, readHits } from './control-counters.ts';
import { cutAnswer } from './control-cut.ts';
import { explain } from './control-explain.ts';
import { flowsAnswer } from './control-flows.ts';
import { flush, reapply } from './control-flush.ts';
import { inForce, lastTurn, settingsInForce } from './control-in-force.ts';
import type { ControlInputs } from './control-inputs.ts';
import { endpointsAnswer, setAnswer, setsAnswer } from './control-objects.ts';
import { policiesAnswer } from './control-policies.ts';
import { applyWithRollback, confirm, rollbackAnswer } from './control-rollback.ts';
import { stagedAnswer } from './control-staged.ts';
import { status } from './control-status.ts';
import { trustDatastore } from './control-trust.ts';

/** The daemon's side of the local API. */
export function createControlHandler(inputs: ControlInputs): ControlHandler {
  const { loop } = inputs;
  return {
    status: () => status(inputs),
    policies: async () => policiesAnswer(inForce(inputs).policy, await readHits(inputs)),
    endpoints: () => endpointsAnswer(lastTurn(inputs).resolution.governed, loop.view.interfaces),
    sets: () => setsAnswer(inForce(inputs).policy),
    set: (name) => setAnswer(inForce(inputs).policy, name),
    counters: () => countersAnswer(inputs),
    explain: (body) => explain(inputs, body),
    desired: () => {
      const { turn, programmed } = inForce(inputs);
      return { revision: turn.revision, ruleset: [...nftText(programmed)].join('') };
    },
    policyView: () => policyView(inputs),
    connections: () => connections(inputs),
    flows: (body) => flowsAnswer(inputs.flows, body),
    staged: async () => stagedAnswer(await inputs.staged.report()),
    cut: async (body) => {
      const { endpoints } = lastTurn(inputs).resolution.policy;
      const names = endpoints.map(({ hostEndpoint }) => hostEndpoint.name);
      return await cutAnswer(body, inputs.cutter, names);
    },
    report: () => report(inputs),
    flush: (body) => flush(inputs, body),
    reapply: () => reapply(inputs),
    rollback: () => rollbackAnswer(inputs),
    applyWithRollback: (body) => applyWithRollback(inputs, body),
    confirm: () => confirm(inputs),
    trustDatastore: () => trustDatastore(inputs),
  };
}

function policyView(inputs: ControlInputs): PolicyViewAnswer {
  const { policy, turn } = inForce(inputs);
  const { interfaces } = endpointsAnswer(turn.resolution.governed, inputs.loop.view.interfaces);
  const sets: readonly SetAnswer[] = [...policy.sets.keys()].map((id) => setAnswer(policy, id));
  const settings = settingsInForce(inputs);
  return { nodeName: inputs.nodeName, interfaces, endpoints: policy.endpoints, sets, settings };
}

async function report(inputs: ControlInputs): Promise<HistoryAnswer> {
  lastTurn(inputs);
  return inputs.history.answer();
}
