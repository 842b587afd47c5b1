import { RampartError } from '../base/errors.ts';
import type { HistoryAnswer } from '../report/history.ts';
import type {
  ApplyAnswer,
  ConfirmAnswer,
  ConnectionsAnswer,
  CutAnswer,
  FlowsAnswer,
  FlushAnswer,
  CountersAnswer,
  DesiredAnswer,
  EndpointsAnswer,
  ExplainAnswer,
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

/** Why a request is refused; `status` is HTTP's. The message says what to do instead. */
export class ControlError extends RampartError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.status = status;
  }
}

/** What the daemon answers with. Rejects with ControlError for what the caller can mend. */
export interface ControlHandler {
  status(): Promise<StatusAnswer>;
  policies(): Promise<PoliciesAnswer>;
  endpoints(): EndpointsAnswer;
  sets(): SetsAnswer;
  /** By id, or by the name of one of its nftables sets. */
  set(name: string): SetAnswer;
  counters(): Promise<CountersAnswer>;
  /** `body` is what the caller sent, not yet looked at. */
  explain(body: unknown): Promise<ExplainAnswer>;
  desired(): DesiredAnswer;
  policyView(): PolicyViewAnswer;
  /** Connection tracking's flows of this host, under the policy in force. */
  connections(): Promise<ConnectionsAnswer>;
  /** What staged policies would have changed. */
  staged(): Promise<StagedAnswer>;
  /** The latest denied flows; `body` says which. */
  flows(body: unknown): FlowsAnswer;
  /** Cuts live connections that the policy in force refuses; `body` is what the caller sent. */
  cut(body: unknown): Promise<CutAnswer>;
  /** What changed on this host, and the use of its rules. */
  report(): Promise<HistoryAnswer>;
  /** Opens the host on purpose; `body` is what the caller sent. */
  flush(body: unknown): Promise<FlushAnswer>;
  /** Ends a flush, reads the datastore and the kernel again and writes what differs. */
  reapply(): Promise<ReapplyAnswer>;
  /** Where confirming stands. */
  rollback(): RollbackAnswer;
  /** Applies manifests that have to be confirmed; `body` is what the caller sent. */
  applyWithRollback(body: unknown): Promise<ApplyAnswer>;
  /** The rules in force are as they should be; rules that are held are applied. */
  confirm(): Promise<ConfirmAnswer>;
  /** Trusts the cluster that the datastore belongs to now. */
  trustDatastore(): Promise<TrustAnswer>;
}
