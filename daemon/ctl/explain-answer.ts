import type { DecisiveRule } from '../../src/control/wire.ts';
import type { Explanation } from '../../src/explain/explain.ts';
import type { MemberOrigin } from './offline/member-origins.ts';
import type { PassedOver } from './offline/passed-over.ts';

/** The verdict, what led there, and what stands behind it. */
export interface Answer extends Explanation {
  readonly rules: readonly (Omit<DecisiveRule, 'hits'> & Partial<DecisiveRule>)[];
  /** Only where the objects are at hand. */
  readonly passedOver?: readonly PassedOver[];
  readonly members?: readonly MemberOrigin[];
  /** What the daemon enforces now; absent where no daemon was asked. */
  readonly rulesInForce?: string;
}
