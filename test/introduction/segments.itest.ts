import { type Check, drop, from, pass, tcp } from '../packets/check.ts';
import type { CalicoObject } from '../support/calico.ts';
import { describeCases, given } from '../packets/cases.ts';
import { edited, labelled, manifests } from './manifests.ts';

/** The same check from one more client's addresses, in both families. */
function client(host: number, check: Check): readonly Check[] {
  return [from(`10.0.1.${host}`, check), from(`fd00:1::${host}`, check)];
}

describeCases('stages, tiers of an application, tenants', (bench) => {
  it('development does not reach production, whatever a later tier allows', async () => {
    const stages = manifests('stages/hosts', 'stages/separation');
    await given(
      bench(),
      stages,
      ...client(21, pass('C', 'A', tcp(8055))),
      ...client(22, drop('C', 'A', tcp(8055))),
      ...client(21, pass('C', 'B', tcp(8055))),
      ...client(22, pass('C', 'B', tcp(8055))),
      drop('B', 'A', tcp(8055)),
      pass('A', 'B', tcp(8055)),
      pass('A', 'C', tcp(9000)),
    );
    const promoted = edited(stages, 'other-dev', (host) => labelled(host, { stage: 'prod' }));
    await given(bench(), promoted, ...client(22, pass('C', 'A', tcp(8055))));
  });

  it('production is out of reach from the side of development alone', async () => {
    const stages = manifests('stages/hosts', 'stages/separation').filter(
      ({ metadata }) => metadata.name !== 'a-eth0',
    );
    const production: CalicoObject = {
      kind: 'GlobalNetworkSet',
      metadata: { name: 'a', labels: { stage: 'prod' } },
      spec: { nets: ['10.0.1.1/32', 'fd00:1::1/128'] },
    };
    await given(
      bench(),
      [...stages, production],
      drop('B', 'A', tcp(8055)),
      pass('B', 'C', tcp(8055)),
    );
  });

  it('web reaches app, app reaches db, and nothing else', async () => {
    await given(
      bench(),
      manifests('three-tier/hosts', 'three-tier/application'),
      pass('C', 'A', tcp(8055)),
      pass('A', 'B', tcp(9000)),
      drop('C', 'A', tcp(9000)),
      drop('C', 'B', tcp(9000)),
      drop('A', 'B', tcp(8055)),
      drop('B', 'A', tcp(8055)),
      drop('A', 'C', tcp(8055)),
      drop('B', 'C', tcp(9000)),
      ...client(21, drop('C', 'A', tcp(8055))),
    );
  });

  it('tenants keep to themselves and to what is shared', async () => {
    await given(
      bench(),
      manifests('tenants/hosts', 'tenants/isolation'),
      ...client(21, pass('C', 'A', tcp(8055))),
      ...client(22, drop('C', 'A', tcp(8055))),
      ...client(23, pass('C', 'A', tcp(8055))),
      ...client(21, drop('C', 'B', tcp(8055))),
      ...client(22, pass('C', 'B', tcp(8055))),
      ...client(23, pass('C', 'B', tcp(8055))),
      ...client(21, drop('C', 'A', tcp(9000))),
      drop('A', 'B', tcp(8055)),
      drop('B', 'A', tcp(8055)),
      pass('A', { address: '10.0.1.23' }, { ...tcp(8055), families: [4] }),
      drop('A', { address: '10.0.1.22' }, { ...tcp(8055), families: [4] }),
    );
  });
});
