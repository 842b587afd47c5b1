import { request } from 'node:http';
import { RampartError, toError } from '../base/errors.ts';
import { ROUTES } from './wire.ts';
import type {
  CountersAnswer,
  DiffAnswer,
  EndpointsAnswer,
  ErrorAnswer,
  ExplainAnswer,
  FlushAnswer,
  FlushRequest,
  PacketRequest,
  PoliciesAnswer,
  ReapplyAnswer,
  RulesetAnswer,
  SetAnswer,
  SetsAnswer,
  SimulateAnswer,
  SimulateRequest,
  StatusAnswer,
  SupportBundleAnswer,
  TrustAnswer,
  VersionAnswer,
} from './wire.ts';

/**
 * A call to the daemon failed. `code` is one of the wire's codes or: `daemon-not-running` (no socket, or nobody
 * listens), `permission`, `connection-lost`, `bad-answer` (not our protocol), `timeout`.
 */
export class ControlError extends RampartError {
  /** What to do about it; may be empty. */
  readonly hint: string;

  constructor(code: string, message: string, { hint = '', cause }: ControlErrorDetails = {}) {
    super(code, message, cause);
    this.hint = hint;
  }
}

interface ControlErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The daemon's local API. Calls reject with ControlError. */
export interface ControlClient {
  version(): Promise<VersionAnswer>;
  status(): Promise<StatusAnswer>;
  endpoints(): Promise<EndpointsAnswer>;
  /** `endpoint`: the name of one HostEndpoint; all without it. */
  policies(endpoint?: string): Promise<PoliciesAnswer>;
  sets(): Promise<SetsAnswer>;
  /** `name`: id of the set, or name of an nftables set. */
  set(name: string, page?: { readonly offset: number; readonly limit: number }): Promise<SetAnswer>;
  counters(): Promise<CountersAnswer>;
  ruleset(): Promise<RulesetAnswer>;
  diff(): Promise<DiffAnswer>;
  supportBundle(): Promise<SupportBundleAnswer>;
  explain(packet: PacketRequest): Promise<ExplainAnswer>;
  simulate(request: SimulateRequest): Promise<SimulateAnswer>;
  reapply(): Promise<ReapplyAnswer>;
  flush(request: FlushRequest): Promise<FlushAnswer>;
  trustDatastore(): Promise<TrustAnswer>;
}

export interface ControlClientOptions {
  /** How long one call may take, milliseconds; 60 s by default. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 60_000;

/** A client for the socket at `socketPath`; one connection a call, nothing to be closed. */
export function createControlClient(
  socketPath: string,
  { timeoutMs = TIMEOUT_MS }: ControlClientOptions = {},
): ControlClient {
  const call = async <Answer>(
    { method, path }: Call,
    body?: object,
    suffix = '',
  ): Promise<Answer> => {
    const text = body === undefined ? '' : JSON.stringify(body);
    const raw = await exchange({ socketPath, timeoutMs, method, path: path + suffix, text });
    return readAnswer(raw) as Answer;
  };
  return {
    version: () => call(ROUTES.version),
    status: () => call(ROUTES.status),
    endpoints: () => call(ROUTES.endpoints),
    policies: (endpoint) =>
      call(
        ROUTES.policies,
        undefined,
        endpoint === undefined ? '' : `?endpoint=${encodeURIComponent(endpoint)}`,
      ),
    sets: () => call(ROUTES.sets),
    set: (name, page) =>
      call(
        ROUTES.set,
        undefined,
        `/${encodeURIComponent(name)}${page === undefined ? '' : `?offset=${page.offset}&limit=${page.limit}`}`,
      ),
    counters: () => call(ROUTES.counters),
    ruleset: () => call(ROUTES.ruleset),
    diff: () => call(ROUTES.diff),
    supportBundle: () => call(ROUTES.supportBundle),
    explain: (packet) => call(ROUTES.explain, { packet }),
    simulate: (objects) => call(ROUTES.simulate, objects),
    reapply: () => call(ROUTES.reapply, {}),
    flush: (options) => call(ROUTES.flush, options),
    trustDatastore: () => call(ROUTES.trustDatastore, {}),
  };
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
}

interface Exchange extends Call {
  readonly socketPath: string;
  readonly timeoutMs: number;
  /** The body; empty for none. */
  readonly text: string;
}

interface RawAnswer {
  readonly status: number;
  readonly text: string;
}

function exchange({ socketPath, timeoutMs, method, path, text }: Exchange): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const headers =
      text === ''
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
    const signal = AbortSignal.timeout(timeoutMs);
    const fail = (thrown: unknown): void => {
      reject(signal.aborted ? timedOut(timeoutMs) : connectionError(socketPath, thrown));
    };
    const sent = request(
      { socketPath, method, path, headers, signal, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const body = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, text: body });
        });
      },
    );
    sent.on('error', fail);
    sent.end(text === '' ? undefined : text);
  });
}

function readAnswer({ status, text }: RawAnswer): unknown {
  const value = parse(text);
  if (status >= 200 && status < 300 && value !== undefined) return value;
  if (isErrorAnswer(value)) {
    const { code, message, hint } = value.error;
    throw new ControlError(code, message, { hint });
  }
  throw new ControlError(
    'bad-answer',
    `what listens on the socket is not rampartd (HTTP ${status})`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isErrorAnswer(value: unknown): value is ErrorAnswer {
  if (typeof value !== 'object' || value === null || !('error' in value)) return false;
  const { error } = value;
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}

function connectionError(socketPath: string, thrown: unknown): ControlError {
  const cause = toError(thrown);
  const code = 'code' in cause ? cause.code : '';
  if (code === 'ENOENT' || code === 'ECONNREFUSED' || code === 'ENOTSOCK') {
    return new ControlError('daemon-not-running', `rampartd is not running (${socketPath})`, {
      hint: 'start it with "systemctl start rampart", or work without it: rampartctl … --resources DIR --node NAME',
      cause,
    });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ControlError('permission', `you may not use ${socketPath}`, {
      hint: 'only root may talk to rampartd: try again with sudo',
      cause,
    });
  }
  return new ControlError('connection-lost', `rampartd broke off: ${cause.message}`, {
    hint: 'look at its log: journalctl -u rampart',
    cause,
  });
}

function timedOut(timeoutMs: number): ControlError {
  return new ControlError('timeout', `rampartd did not answer within ${timeoutMs / 1000} s`, {
    hint: 'it may be busy with a large transaction: journalctl -u rampart',
  });
}
