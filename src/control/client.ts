import { Agent, request } from 'node:http';
import { RampartError } from '../base/errors.ts';
import type { HistoryAnswer } from '../report/history.ts';
import type {
  ApplyAnswer,
  ApplyRequest,
  ConfirmAnswer,
  ConnectionsAnswer,
  CountersAnswer,
  CutAnswer,
  CutRequest,
  DesiredAnswer,
  EndpointsAnswer,
  ErrorAnswer,
  ExplainAnswer,
  FlowsAnswer,
  FlowsRequest,
  FlushAnswer,
  PacketDocument,
  PoliciesAnswer,
  PolicyViewAnswer,
  ReapplyAnswer,
  RollbackAnswer,
  SetAnswer,
  SetsAnswer,
  StagedAnswer,
  StatusAnswer,
  TrustAnswer,
} from './wire.ts';

/** The daemon refused, or could not be asked; `code` is its own, `daemon-not-running` or `daemon-unreachable`. */
export class ControlClientError extends RampartError {}

/** The local API, from outside. Every call rejects with ControlClientError. */
export interface ControlClient {
  status(): Promise<StatusAnswer>;
  policies(): Promise<PoliciesAnswer>;
  endpoints(): Promise<EndpointsAnswer>;
  sets(): Promise<SetsAnswer>;
  set(name: string): Promise<SetAnswer>;
  counters(): Promise<CountersAnswer>;
  explain(packet: PacketDocument): Promise<ExplainAnswer>;
  desired(): Promise<DesiredAnswer>;
  policyView(): Promise<PolicyViewAnswer>;
  connections(): Promise<ConnectionsAnswer>;
  staged(): Promise<StagedAnswer>;
  flows(which: FlowsRequest): Promise<FlowsAnswer>;
  cut(request: CutRequest): Promise<CutAnswer>;
  report(): Promise<HistoryAnswer>;
  flush(seconds: number | null): Promise<FlushAnswer>;
  reapply(): Promise<ReapplyAnswer>;
  rollback(): Promise<RollbackAnswer>;
  applyWithRollback(request: ApplyRequest): Promise<ApplyAnswer>;
  confirm(): Promise<ConfirmAnswer>;
  trustDatastore(): Promise<TrustAnswer>;
  /** Lets go of the connection. */
  close(): void;
}

/** Longer than the daemon takes for any answer. */
const TIMEOUT_MS = 65_000;

/** A client of the daemon that listens on `path`; connects with the first call. */
export function createControlClient(path: string, timeoutMs = TIMEOUT_MS): ControlClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const connection = { path, timeoutMs, agent };
  const ask = async <T>(method: 'GET' | 'POST', resource: string, body?: unknown): Promise<T> =>
    (await exchange(connection, { method, resource, body })) as T;
  return {
    status: () => ask('GET', 'status'),
    policies: () => ask('GET', 'policies'),
    endpoints: () => ask('GET', 'endpoints'),
    sets: () => ask('GET', 'sets'),
    set: (name) => ask('GET', `sets/${encodeURIComponent(name)}`),
    counters: () => ask('GET', 'counters'),
    explain: (packet) => ask('POST', 'explain', { packet }),
    desired: () => ask('GET', 'desired'),
    policyView: () => ask('GET', 'policy-view'),
    connections: () => ask('GET', 'connections'),
    staged: () => ask('GET', 'staged'),
    flows: (which) => ask('POST', 'flows', which),
    cut: (request) => ask('POST', 'cut', request),
    report: () => ask('GET', 'report'),
    flush: (seconds) => ask('POST', 'flush', { seconds }),
    reapply: () => ask('POST', 'reapply'),
    rollback: () => ask('GET', 'rollback'),
    applyWithRollback: (request) => ask('POST', 'apply-with-rollback', request),
    confirm: () => ask('POST', 'confirm'),
    trustDatastore: () => ask('POST', 'trust-datastore'),
    close: () => {
      agent.destroy();
    },
  };
}

interface Connection {
  readonly path: string;
  readonly timeoutMs: number;
  readonly agent: Agent;
}

interface Question {
  readonly method: 'GET' | 'POST';
  readonly resource: string;
  readonly body: unknown;
}

function exchange(connection: Connection, question: Question): Promise<unknown> {
  const { path, timeoutMs, agent } = connection;
  const text = question.body === undefined ? '' : JSON.stringify(question.body);
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      reject(explainFailure(path, error));
    };
    const asked = request({
      socketPath: path,
      agent,
      timeout: timeoutMs,
      method: question.method,
      path: `/v1/${question.resource}`,
      headers: { 'Content-Length': Buffer.byteLength(text) },
    });
    asked.on('error', fail);
    asked.on('timeout', () => {
      asked.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' }));
    });
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', fail);
      response.on('end', () => {
        const answer = Buffer.concat(chunks).toString('utf8');
        settle(answer, response.statusCode ?? 0, { resolve, reject });
      });
    });
    asked.end(text);
  });
}

interface Settle {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

function settle(text: string, status: number, { resolve, reject }: Settle): void {
  try {
    const answer: unknown = JSON.parse(text);
    if (status === 200) {
      resolve(answer);
      return;
    }
    const { error } = answer as ErrorAnswer;
    reject(new ControlClientError(error.code, error.message));
  } catch (thrown) {
    const message = `what listens there does not speak rampartd's language (HTTP ${status})`;
    reject(new ControlClientError('daemon-unreachable', message, thrown));
  }
}

function explainFailure(path: string, error: NodeJS.ErrnoException): ControlClientError {
  switch (error.code ?? '') {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return new ControlClientError(
        'daemon-not-running',
        `rampartd does not run here (nobody answers on ${path}). Start it with "systemctl start rampart"`,
        error,
      );
    case 'EACCES':
    case 'EPERM':
      return new ControlClientError(
        'daemon-unreachable',
        `you may not use ${path}: become root, or a member of the group that control.group names`,
        error,
      );
    case 'ETIMEDOUT':
      return new ControlClientError(
        'daemon-unreachable',
        `rampartd does not answer on ${path} in time; its log says what it is doing`,
        error,
      );
    default:
      return new ControlClientError('daemon-unreachable', `${path}: ${error.message}`, error);
  }
}
