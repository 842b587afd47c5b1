import { quoteText } from './describe-value.ts';
import type { Findings, Refuse } from './findings.ts';
import type { KindDefinition, ReadInput, WriteInput } from './kind-definition.ts';
import type { Enforcement, Tier } from './resource.ts';
import { float, string, struct, whenSet } from './schema.ts';

const spec = struct({ order: whenSet(float), defaultAction: whenSet(string) });

type Fields = (typeof spec)['fields'];

const DEFAULT_ORDER = 1_000_000;

/** Tier: a group of policies, with what happens when none of them decides. */
export const tierKind: KindDefinition<Fields> = {
  spec,
  read,
  validate,
  complete: (object) => ({
    ...object,
    spec: {
      ...object.spec,
      order: object.spec?.order ?? DEFAULT_ORDER,
      defaultAction: object.spec?.defaultAction ?? 'Deny',
    },
  }),
  hasStatus: true,
};

// The order that calicoctl stores for tiers without one is not assumed when reading: they come last.
function read({ id, metadata, spec, findings }: ReadInput<Fields>): Tier {
  const defaultAction = spec.defaultAction === 'Pass' ? 'Pass' : 'Deny';
  const enforcement = readEnforcement(metadata.annotations?.[ENFORCEMENT], findings);
  return { ...id, kind: 'Tier', order: spec.order ?? Infinity, defaultAction, enforcement };
}

const ENFORCEMENT = 'rampart/enforcement';

// A word that is mistyped must not open what somebody meant to be closed.
function readEnforcement(value: string | undefined, findings: Findings): Enforcement {
  if (value === undefined || value === 'enforce' || value === 'observe') return value ?? 'enforce';
  findings.error(
    'enforcement-invalid',
    `metadata.annotations["${ENFORCEMENT}"]`,
    `${quoteText(value)} is not known, so the tier is enforced; write observe to have its denials counted only, enforce or nothing otherwise.`,
  );
  return 'enforce';
}

interface BuiltInTier {
  readonly order: number;
  readonly defaultAction: Tier['defaultAction'];
}

const BUILT_IN: ReadonlyMap<string, BuiltInTier> = new Map([
  ['default', { order: DEFAULT_ORDER, defaultAction: 'Deny' }],
  ['kube-admin', { order: 1000, defaultAction: 'Pass' }],
  ['kube-baseline', { order: 10_000_000, defaultAction: 'Pass' }],
]);

function validate({ id, spec }: WriteInput<Fields>, refuse: Refuse): void {
  const { order, defaultAction } = spec;
  const builtIn = BUILT_IN.get(id.name);
  if (defaultAction !== undefined && defaultAction !== 'Deny' && defaultAction !== 'Pass') {
    const message = `${quoteText(defaultAction)} is not a default action; write Deny or Pass.`;
    refuse('action-invalid', 'spec.defaultAction', message);
  } else if (builtIn !== undefined && (defaultAction ?? 'Deny') !== builtIn.defaultAction) {
    const message = `The default action of this built-in tier is ${builtIn.defaultAction}.`;
    refuse('tier-built-in', 'spec.defaultAction', message);
  }
  if (builtIn !== undefined && (order ?? DEFAULT_ORDER) !== builtIn.order) {
    refuse('tier-built-in', 'spec.order', `The order of this built-in tier is ${builtIn.order}.`);
  }
}
