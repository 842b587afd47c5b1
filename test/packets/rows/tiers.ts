import {
  type CalicoObject,
  felixConfiguration,
  globalNetworkPolicy,
  profile,
  stagedGlobalNetworkPolicy,
  stored,
  tier,
} from '../../support/calico.ts';
import { KernelLog, kernelLogObstacle } from '../../support/kernel-log.ts';
import type { Bench } from '../bench.ts';
import { drop, pass, reject, tcp, udp, v4, v6 } from '../check.ts';
import { given, row, script, type Row } from '../row.ts';
import { ALLOW, ALLOW_PROFILE, DENY, eth0, LOG, PASS, policy, tcpTo } from './objects.ts';

const edge = eth0(ALLOW_PROFILE);
const bare = eth0();
const inTier1 = { tier: 'tier1', order: 1 } as const;
const allow9000 = policy('only-9000', { ...inTier1, ingress: [tcpTo('Allow', 9000)] });
const passAll = policy('pass-all', { ...inTier1, ingress: [PASS] });
const logAndAllow = policy('log-8055', { ingress: [LOG, tcpTo('Allow', 8055)] });

async function liveEdit(bench: Bench): Promise<void> {
  const security = tier('security', 10, 'Deny');
  const verdict = (action: string): CalicoObject =>
    policy('web', { tier: 'security', ingress: [tcpTo(action, 8055)] });
  await bench.store([edge, security, verdict('Allow')]);
  await bench.open('open', 'C', 'A', { port: 8055 });
  await bench.open('open6', 'C', 'A', { port: 8055, family: 6 });
  await bench.store([edge, security, verdict('Deny')]);
  await bench.check(drop('C', 'A', tcp(8055)));
  const outcomes = [await bench.exchange('open', 'C'), await bench.exchange('open6', 'C')];
  for (const name of ['open', 'open6']) await bench.lab.hosts.C.agent.call('close', { name });
  if (outcomes.some((one) => one !== 'ok')) throw new Error(`open connections: ${outcomes.join()}`);
}

/** The kernel's log lines of `during` that begin with `prefix` and come from C's connections to A. */
async function logLines(
  bench: Bench,
  prefix: string,
  during: () => Promise<void>,
): Promise<readonly string[]> {
  await bench.flushConntrack();
  const log = new KernelLog();
  try {
    await during();
    return log.read().filter((line) => line.startsWith(prefix) && line.includes('DPT=8055'));
  } finally {
    log.close();
  }
}

async function logRule(bench: Bench): Promise<void> {
  await bench.store([bare, logAndAllow]);
  const lines = await logLines(bench, 'calico-packet: ', () =>
    bench.check(pass('C', 'A', tcp(8055))),
  );
  for (const source of ['SRC=10.0.1.9', 'SRC=fd00:0001:0000:0000:0000:0000:0000:0009'])
    if (!lines.some((line) => line.includes(source)))
      throw new Error(`no log line with ${source} among ${lines.length}: ${lines.join('\n')}`);
}

async function logPrefix(bench: Bench): Promise<void> {
  await bench.store([bare, logAndAllow, felixConfiguration({ logPrefix: 'x%t-%k-%n' })]);
  const lines = await logLines(bench, 'x', () => bench.check(v4(pass('C', 'A', tcp(8055)))));
  if (!lines.some((line) => line.startsWith('xdefault-gnp-log-8055: ')))
    throw new Error(`no line begins with xdefault-gnp-log-8055: ${lines.join('\n')}`);
}

async function logRateLimit(bench: Bench): Promise<void> {
  await bench.store([bare, logAndAllow, felixConfiguration({ logActionRateLimit: '5/minute' })]);
  const hundred = Array.from({ length: 100 }, () => v4(pass('C', 'A', tcp(8055))));
  const lines = await logLines(bench, 'calico-packet: ', () => bench.check(...hundred));
  // A burst of 5, and one token more for every 12 seconds that the row may take.
  if (lines.length < 5 || lines.length > 8)
    throw new Error(`${lines.length} log lines, not 5 to 8`);
}

async function rejectAtOnce(bench: Bench): Promise<void> {
  const rejecting = felixConfiguration({ nftablesFilterDenyAction: 'Reject' });
  await bench.store([edge, rejecting, policy('deny', { ingress: [tcpTo('Deny', 8055)] })]);
  await bench.flushConntrack();
  const began = performance.now();
  await bench.check(v4(reject('C', 'A', tcp(8055))));
  const took = performance.now() - began;
  if (took > 500) throw new Error(`the refusal took ${took.toFixed()} ms`);
  await bench.check(v6(reject('C', 'A', tcp(8055))));
  await bench.store([bare, rejecting]);
  await bench.flushConntrack();
  await bench.check(reject('C', 'A', tcp(8055)), reject('C', 'A', udp(9000)));
}

const needsKernelLog = { obstacle: kernelLogObstacle };

const unparsable = stored({
  ...globalNetworkPolicy('unparsable', { order: -1, ingress: [DENY] }),
  spec: { selector: "role == 'edge' &&", order: -1, types: ['Ingress'], ingress: [DENY] },
});

/** Tiers, policies, rules, profiles and logging. */
export const TIERS: readonly Row[] = [
  row(
    58,
    'custom tier',
    given(
      [
        bare,
        tier('security', 10, 'Deny'),
        policy('web', { tier: 'security', ingress: [tcpTo('Allow', 8055)] }),
      ],
      pass('C', 'A', tcp(8055)),
      drop('C', 'A', tcp(9000)),
    ),
  ),
  script(59, 'live policy edit', liveEdit),
  row(
    60,
    'end-of-tier deny',
    given(
      [edge, tier('tier1', 1, 'Deny'), allow9000],
      drop('C', 'A', tcp(8055)),
      pass('C', 'A', tcp(9000)),
      pass('A', 'C', tcp(8055)),
    ),
  ),
  row(
    61,
    'tier default Pass',
    given(
      [edge, tier('tier1', 1, 'Pass'), allow9000],
      pass('C', 'A', tcp(8055)),
      pass('C', 'A', tcp(9000)),
    ),
    given(
      [bare, tier('tier1', 1, 'Pass'), allow9000],
      drop('C', 'A', tcp(8055)),
      pass('C', 'A', tcp(9000)),
    ),
  ),
  row(
    62,
    'Pass rule',
    given(
      [edge, tier('tier1', 1, 'Deny'), passAll, policy('web', { ingress: [tcpTo('Allow', 8055)] })],
      pass('C', 'A', tcp(8055)),
      drop('C', 'A', tcp(9000)),
    ),
  ),
  row(
    63,
    'pass then profile',
    given([edge, tier('tier1', 1, 'Deny'), passAll], pass('C', 'A', tcp(8055))),
    given([bare, tier('tier1', 1, 'Deny'), passAll], drop('C', 'A', tcp(8055))),
  ),
  row(
    64,
    'policy order tie',
    given(
      [
        edge,
        policy('a', { order: 7, ingress: [tcpTo('Deny', 8055)] }),
        policy('b', { order: 7, ingress: [tcpTo('Allow', 8055)] }),
      ],
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    65,
    'tie-break byte order',
    given(
      [
        edge,
        policy('a', { order: 7, ingress: [tcpTo('Allow', 8055)] }),
        policy('a-b', { order: 7, ingress: [tcpTo('Deny', 8055)] }),
      ],
      drop('C', 'A', tcp(8055)),
    ),
  ),
  row(
    66,
    'order nil last',
    given(
      [
        edge,
        policy('a-last', { ingress: [tcpTo('Deny', 8055)] }),
        policy('b-first', { order: 500, ingress: [tcpTo('Allow', 8055)] }),
      ],
      pass('C', 'A', tcp(8055)),
    ),
  ),
  row(
    67,
    'types Ingress only',
    ...[
      { endpoint: edge, outbound: pass },
      { endpoint: bare, outbound: drop },
    ].map(({ endpoint, outbound }) =>
      given(
        [
          endpoint,
          policy('in-only', {
            types: ['Ingress'],
            ingress: [tcpTo('Allow', 8055)],
            egress: [DENY],
          }),
        ],
        pass('C', 'A', tcp(8055)),
        outbound('A', 'C', tcp(8055)),
      ),
    ),
  ),
  row(
    68,
    'types both, no egress rules',
    given(
      [edge, policy('both', { types: ['Ingress', 'Egress'], ingress: [ALLOW] })],
      pass('C', 'A', tcp(8055)),
      drop('A', 'C', tcp(8055)),
      drop('A', 'C', udp(9000)),
    ),
  ),
  row(
    69,
    'empty ingress policy',
    given(
      [edge, policy('empty', { types: ['Ingress'] })],
      drop('C', 'A', tcp(8055)),
      pass('A', 'C', tcp(8055)),
    ),
  ),
  row(
    70,
    'missing tier',
    given(
      [edge, policy('lonely', { tier: 'ghost', ingress: [tcpTo('Allow', 9000)] })],
      pass('C', 'A', tcp(9000)),
      drop('C', 'A', tcp(8055)),
    ),
    given(
      [
        edge,
        policy('lonely', { tier: 'ghost', ingress: [tcpTo('Deny', 8055)] }),
        policy('web', { ingress: [tcpTo('Allow', 8055)] }),
      ],
      pass('C', 'A', tcp(8055)),
    ),
  ),
  row(
    71,
    'staged',
    given(
      [edge, stagedGlobalNetworkPolicy('later', { ingress: [DENY], egress: [DENY] })],
      pass('C', 'A', tcp(8055)),
      pass('A', 'C', tcp(8055)),
    ),
  ),
  script(72, 'Log rule', logRule, needsKernelLog),
  script(73, 'log prefix format', logPrefix, needsKernelLog),
  script(74, 'log rate limit', logRateLimit, needsKernelLog),
  script(75, 'reject', rejectAtOnce),
  row(
    76,
    'selector excludes namespaces',
    given(
      [
        edge,
        policy('pods', {
          selector: 'all()',
          namespaceSelector: 'all()',
          ingress: [DENY],
          egress: [DENY],
        }),
      ],
      pass('C', 'A', tcp(8055)),
      pass('A', 'C', tcp(8055)),
    ),
  ),
  row(
    77,
    'inherited labels',
    given(
      [
        eth0({ labels: {}, profiles: ['p1'] }),
        profile('p1', { labelsToApply: { role: 'edge' } }),
        policy('web', { ingress: [tcpTo('Allow', 8055)] }),
      ],
      pass('C', 'A', tcp(8055)),
      drop('C', 'A', tcp(9000)),
    ),
  ),
  row(78, 'invalid policy', {
    objects: [edge],
    raw: [unparsable],
    checks: [pass('C', 'A', tcp(8055))],
  }),
];
