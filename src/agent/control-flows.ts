import { ControlError } from '../control/handler.ts';
import type { FlowsAnswer, FlowsRequest, FlowView } from '../control/wire.ts';
import { KEPT_FLOWS } from './denied-flow-book.ts';
import type { NumberedFlow } from './denied-flow-book.ts';
import type { DeniedFlows } from './denied-flows.ts';

/** The latest denied flows that a request asks for. Throws a ControlError that says what is wrong with it. */
export function flowsAnswer(
  flows: Pick<DeniedFlows, 'book' | 'lost' | 'isWanted' | 'faults'>,
  body: unknown,
): FlowsAnswer {
  const { after, limit } = readRequest(body);
  return {
    enabled: flows.isWanted,
    fault: flows.faults()[0]?.message ?? null,
    flows: flows.book.flows(after, limit).map(view),
    last: flows.book.last,
    lost: flows.lost,
  };
}

function view({ time, ...flow }: NumberedFlow): FlowView {
  return { ...flow, at: new Date(time).toISOString() };
}

function readRequest(body: unknown): FlowsRequest {
  const given: object = typeof body === 'object' && body !== null ? body : {};
  const after = 'after' in given ? given.after : 0;
  const limit = 'limit' in given ? given.limit : KEPT_FLOWS;
  if (!isNumber(after, 0, Number.MAX_SAFE_INTEGER)) throw bad('after: write a number from 0.');
  if (!isNumber(limit, 1, KEPT_FLOWS)) throw bad(`limit: write a number from 1 to ${KEPT_FLOWS}.`);
  return { after, limit };
}

function isNumber(value: unknown, from: number, to: number): value is number {
  return Number.isInteger(value) && (value as number) >= from && (value as number) <= to;
}

function bad(message: string): ControlError {
  return new ControlError(400, 'bad-request', message);
}
