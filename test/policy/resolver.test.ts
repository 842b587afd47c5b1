import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { CountedObjects } from '../../src/policy/counted-objects.ts';
import { LocalEndpoints } from '../../src/policy/local-endpoints.ts';
import { Resolver } from '../../src/policy/resolver.ts';
import { StagedRegister } from '../../src/policy/staged-register.ts';
import { entity, globalPolicy, hostEndpoint, rule, selector } from '../support/resources.ts';

const INTERFACES = [{ name: 'eth0', running: true, addresses: ['10.0.1.1'] }];
const ASKING = { ingress: [rule('Allow', { source: entity({ selector: selector('has(a)') }) })] };
const EDGE = hostEndpoint('edge');

interface Rig {
  readonly local: LocalEndpoints;
  readonly staged: StagedRegister;
  readonly resolver: Resolver;
  /** How many sets were asked for, whenever there were any. */
  readonly asked: number[];
}

/** A resolver whose sets cannot be had the first time. */
function createRig(): Rig {
  const asked: number[] = [];
  const staged = new StagedRegister();
  const local = new LocalEndpoints({
    nodeName: EDGE.node,
    counted: new CountedObjects(),
    membership: { effectiveLabels: () => new Map() },
    enforced: () => [],
  });
  const membership = {
    expect: ({ size }: ReadonlyMap<string, unknown>): void => {
      if (size > 0 && asked.push(size) === 1) throw new Error('a bug');
    },
    use: () => undefined,
    publish: () => new Map<string, never>(),
  };
  local.setEndpoint(EDGE.name, EDGE);
  const resolver = new Resolver({ local, staged, membership, mostMembers: 10 });
  return { local, staged, resolver, asked };
}

describe('Resolver', () => {
  it('arranges again what it failed to arrange when interfaces were no longer excluded', () => {
    const { local, resolver, asked } = createRig();
    local.replacePolicy(null, globalPolicy('asking', ASKING));
    resolver.setInterfaces(INTERFACES, () => true);
    resolver.resolve();
    resolver.setInterfaces(INTERFACES, () => false);
    assert.throws(() => {
      resolver.arrange();
    }, /a bug/);
    const { policy } = resolver.resolve();
    assert.deepEqual(
      policy.endpoints.map(({ interfaces }) => interfaces),
      [['eth0']],
    );
    assert.deepEqual(asked, [1, 1]);
  });

  it('arranges staged policies again that it failed to arrange', () => {
    const { staged, resolver, asked } = createRig();
    resolver.setInterfaces(INTERFACES, () => false);
    resolver.resolve();
    const policy = globalPolicy('asking', {
      ...ASKING,
      kind: 'StagedGlobalNetworkPolicy',
      stagedAction: 'Set',
    });
    staged.apply('asking', policy);
    assert.throws(() => {
      resolver.arrange();
    }, /a bug/);
    assert.equal(resolver.shadow()?.policies.length, 1);
    assert.deepEqual(asked, [1, 1]);
  });
});
