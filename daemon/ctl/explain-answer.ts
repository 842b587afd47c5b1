import type { DecisiveRule, ExplainAnswer } from '../../src/control/wire.ts';
import type { Explanation } from '../../src/explain/explain.ts';

/** The verdict, what led there, and what stands behind it. */
export interface Answer extends Explanation {
  readonly rules: readonly (Omit<DecisiveRule, 'hits'> & Partial<DecisiveRule>)[];
  readonly passedOver: ExplainAnswer['passedOver'];
  readonly members: ExplainAnswer['members'];
  /** What the daemon enforces now; absent where no daemon was asked. */
  readonly rulesInForce?: string;
}
