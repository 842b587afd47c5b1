import { ControlError } from './handler.ts';
import type { ControlHandler } from './handler.ts';

/** A request as far as routing is concerned. */
export interface ControlRequest {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  /** What was sent as JSON; undefined: nothing. */
  readonly body: unknown;
}

type Answer = (handler: ControlHandler, request: ControlRequest) => unknown;

const SETS = '/v1/sets/';

const ROUTES: ReadonlyMap<string, Readonly<Record<string, Answer>>> = new Map([
  ['/v1/status', { GET: (handler) => handler.status() }],
  ['/v1/policies', { GET: (handler) => handler.policies() }],
  ['/v1/endpoints', { GET: (handler) => handler.endpoints() }],
  ['/v1/sets', { GET: (handler) => handler.sets() }],
  [`${SETS}NAME`, { GET: (handler, { path }) => handler.set(path.slice(SETS.length)) }],
  ['/v1/counters', { GET: (handler) => handler.counters() }],
  ['/v1/explain', { POST: (handler, { body }) => handler.explain(body) }],
  ['/v1/desired', { GET: (handler) => handler.desired() }],
  ['/v1/policy-view', { GET: (handler) => handler.policyView() }],
  ['/v1/connections', { GET: (handler) => handler.connections() }],
  ['/v1/staged', { GET: (handler) => handler.staged() }],
  ['/v1/cut', { POST: (handler, { body }) => handler.cut(body) }],
  ['/v1/flows', { POST: (handler, { body }) => handler.flows(body) }],
  ['/v1/report', { GET: (handler) => handler.report() }],
  ['/v1/flush', { POST: (handler, { body }) => handler.flush(body) }],
  ['/v1/reapply', { POST: (handler) => handler.reapply() }],
  ['/v1/rollback', { GET: (handler) => handler.rollback() }],
  ['/v1/apply-with-rollback', { POST: (handler, { body }) => handler.applyWithRollback(body) }],
  ['/v1/confirm', { POST: (handler) => handler.confirm() }],
  ['/v1/trust-datastore', { POST: (handler) => handler.trustDatastore() }],
] satisfies readonly (readonly [string, Readonly<Record<string, Answer>>])[]);

/** Every path, with the methods that it knows. */
export const PATHS: readonly (readonly [path: string, methods: readonly string[]])[] = Array.from(
  ROUTES,
  ([path, answers]) => [path, Object.keys(answers)],
);

/** The answer of the handler. Rejects with ControlError for what the API does not know. */
export async function route(handler: ControlHandler, request: ControlRequest): Promise<unknown> {
  const { method, path } = request;
  const answers = ROUTES.get(path.startsWith(SETS) ? `${SETS}NAME` : path);
  if (answers === undefined) {
    const known = PATHS.map(([name]) => name).join(', ');
    throw new ControlError(404, 'unknown-path', `${path} is not part of this API. Known: ${known}`);
  }
  const answer = answers[method];
  if (answer === undefined) {
    const allowed = Object.keys(answers).join(', ');
    throw new ControlError(
      405,
      'unknown-method',
      `${path} does not know ${method}: use ${allowed}`,
    );
  }
  return await answer(handler, request);
}
