import { type Check, drop, from, pass, tcp } from '../packets/check.ts';
import { describeCases, given } from '../packets/cases.ts';
import { manifests } from './manifests.ts';

const PORT = 6379;

function client(host: number, verdict: typeof pass): readonly Check[] {
  const check = verdict('C', 'A', tcp(PORT));
  return [from(`10.0.1.${host}`, check), from(`fd00:1::${host}`, check)];
}

describeCases("Kubernetes' example NetworkPolicy", (bench) => {
  before(async () => {
    const { hosts } = bench().lab;
    await hosts.A.agent.call('listen', { addresses: [], tcp: [PORT], udp: [] });
  });

  it('as the cluster stores it does not concern a host with the label of its pods', async () => {
    await given(
      bench(),
      manifests('kubernetes/host', 'kubernetes/pods', 'kubernetes/stored'),
      ...[9, 21, 22, 23].flatMap((host) => client(host, pass)),
      pass('C', 'A', tcp(8055)),
    );
  });

  it('has an equivalent for hosts: pods of the namespace pass, the same label elsewhere does not', async () => {
    await given(
      bench(),
      manifests('kubernetes/host', 'kubernetes/pods', 'kubernetes/host-equivalent'),
      ...client(21, pass),
      ...[9, 22, 23].flatMap((host) => client(host, drop)),
      drop('C', 'A', tcp(8055)),
    );
  });
});
