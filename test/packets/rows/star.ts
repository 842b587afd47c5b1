import { hostEndpoint } from '../../support/calico.ts';
import { drop, pass, tcp, udp, v4 } from '../check.ts';
import { given, row, type Row } from '../row.ts';
import { ALLOW, ALLOW_PROFILE, DENY, eth0, policy, star, tcpTo } from './objects.ts';

const allowAll = policy('allow-all', { ingress: [ALLOW], egress: [ALLOW] });
const preDnatDenyAll = policy('deny-before-dnat', { order: 100, preDNAT: true, ingress: [DENY] });
const otherRole = { labels: { role: 'other' } } as const;

/** Host endpoints for all interfaces. */
export const STAR: readonly Row[] = [
  row(
    26,
    'all interfaces',
    given([star()], drop('C', 'A', tcp(8055)), drop('S', 'A', tcp(8055)), pass('C', 'A', tcp(22))),
  ),
  row(27, 'includes lo', given([star()], drop('A', 'loopback', tcp(8055)))),
  row(
    28,
    'self needs both directions',
    given([star(), policy('out', { egress: [ALLOW] })], drop('A', 'loopback', tcp(8055))),
  ),
  row(29, 'self with both directions', given([star(), allowAll], pass('A', 'loopback', tcp(8055)))),
  row(
    30,
    'local resolver trap',
    given([star()], v4(drop('A', { address: '127.0.0.53' }, udp(53))), pass('A', 'C', udp(53))),
  ),
  row(31, 'own address', given([star()], drop('A', 'A.eth0', tcp(8055)))),
  row(
    32,
    'no merging (named looser)',
    given([eth0(ALLOW_PROFILE), star()], pass('C', 'A', tcp(8055)), drop('S', 'A', tcp(8055))),
  ),
  row(
    33,
    'no merging (named tighter)',
    given(
      [eth0(otherRole), star(), allowAll],
      drop('C', 'A', tcp(8055)),
      pass('S', 'A', tcp(8055)),
    ),
  ),
  row(
    34,
    'star tie-break',
    given(
      [
        hostEndpoint('aaa', { node: 'hosta', interfaceName: '*', ...ALLOW_PROFILE }),
        hostEndpoint('zzz', { node: 'hosta', interfaceName: '*' }),
      ],
      pass('C', 'A', tcp(8055)),
    ),
  ),
  row(
    35,
    'star AoF ingress',
    given(
      [star(), policy('aof', { applyOnForward: true, ingress: [DENY], egress: [ALLOW] })],
      drop('C', 'S', tcp(8055)),
    ),
  ),
  row(
    36,
    'star AoF egress',
    given(
      [star(), policy('aof', { applyOnForward: true, ingress: [ALLOW], egress: [DENY] })],
      drop('C', 'S', tcp(8055)),
    ),
  ),
  row(37, 'star forwarding default', given([star()], pass('C', 'S', tcp(8055)))),
  row(
    38,
    'star + doNotTrack',
    given(
      [
        star(),
        policy('untracked', {
          doNotTrack: true,
          ingress: [tcpTo('Allow', 8055)],
          egress: [{ action: 'Allow', protocol: 'TCP', source: { ports: [8055] } }],
        }),
      ],
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    39,
    'star pre-DNAT',
    given(
      [star(), preDnatDenyAll],
      drop('C', 'A', tcp(32010)),
      drop('S2', 'A', tcp(32010)),
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    40,
    'star pre-DNAT pinhole',
    given(
      [
        star(),
        preDnatDenyAll,
        policy('pinhole', { order: 10, preDNAT: true, ingress: [tcpTo('Allow', 32010)] }),
      ],
      pass('C', 'A', tcp(32010)),
      drop('C', 'A', tcp(32011)),
    ),
  ),
  row(
    41,
    'star preDNAT vs named',
    given(
      [
        eth0(otherRole),
        policy('allow-other', {
          selector: "role == 'other'",
          ingress: [ALLOW],
          egress: [ALLOW],
        }),
        star(),
        preDnatDenyAll,
      ],
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    42,
    'named with own preDNAT',
    given(
      [
        eth0(otherRole),
        policy('own', {
          selector: "role == 'other'",
          preDNAT: true,
          ingress: [tcpTo('Allow', 8055)],
        }),
        star(),
        preDnatDenyAll,
      ],
      pass('C', 'A', tcp(8055)),
    ),
  ),
];
