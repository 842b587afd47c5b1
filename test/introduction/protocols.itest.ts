import { drop, from, ipProtocol, pass, sctp, tcp } from '../packets/check.ts';
import { GRE } from '../support/protocol-echo.ts';
import { SCTP } from '../support/sctp.ts';
import { describeCases, given } from '../packets/cases.ts';
import { manifests } from './manifests.ts';

const gre = ipProtocol(GRE);

describeCases('protocols beyond TCP and UDP', (bench) => {
  const echo = async (protocols: readonly number[]): Promise<void> => {
    const { A, C } = bench().lab.hosts;
    await Promise.all([A, C].map(({ agent }) => agent.call('echoProtocols', { protocols })));
  };

  before(() => echo([GRE, SCTP]));

  it('reach their servers when nothing filters', async () => {
    await given(
      bench(),
      [],
      ...[gre, sctp(2905)].flatMap((t) => [pass('C', 'A', t), pass('A', 'C', t)]),
    );
  });

  it('SCTP is matched by port, in and out', async () => {
    await given(
      bench(),
      manifests('protocols/policy'),
      pass('C', 'A', sctp(2905)),
      drop('C', 'A', sctp(2906)),
      pass('A', 'C', sctp(3868)),
      pass('A', 'C', sctp(3870)),
      drop('A', 'C', sctp(3871)),
      from('10.0.1.21', drop('C', 'A', sctp(2905))),
      from('fd00:1::21', drop('C', 'A', sctp(2905))),
    );
  });

  // One direction, then the other, each without the flow of the other: GRE has no ports to tell flows apart.
  it('GRE is matched by its number, in and out', async () => {
    await given(bench(), manifests('protocols/policy'), pass('C', 'A', gre));
    await bench().flushConntrack();
    await bench().check(pass('A', 'C', gre));
    await bench().flushConntrack();
    await bench().check(
      from('10.0.1.21', drop('C', 'A', gre)),
      from('fd00:1::21', drop('C', 'A', gre)),
      drop('A', { address: '10.0.1.21' }, { ...gre, families: [4] }),
      drop('C', 'A', ipProtocol(253)),
      drop('C', 'A', tcp(2905)),
    );
  });
});
