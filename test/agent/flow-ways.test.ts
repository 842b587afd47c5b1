import assert from 'node:assert/strict';
import { FlowWays } from '../../src/agent/flow-ways.ts';
import type { Flow, FlowTuple } from '../../src/conntrack/conntrack.ts';
import type { NetworkInterface } from '../../src/host/host.ts';
import type { Route } from '../../src/host/routes.ts';
import { exampleFlow, tuple } from '../conntrack/example-flow.ts';

const INTERFACES: readonly NetworkInterface[] = [
  { index: 1, name: 'lo', running: true, addresses: ['127.0.0.1', '10.9.9.9', '::1'] },
  { index: 2, name: 'eth0', running: true, addresses: ['10.0.1.1', 'fe80::1'] },
  { index: 3, name: 'eth1', running: true, addresses: ['10.0.2.1'] },
];
// By the beginning of the address.
const ROUTES: Readonly<Record<string, Route>> = {
  '10.0.1.': { index: 2, isUnicast: true },
  '10.0.2.': { index: 3, isUnicast: true },
  '224.': { index: 2, isUnicast: false },
  '127.': { index: 1, isUnicast: false },
};

function flow(original: Partial<FlowTuple>, reply: Partial<FlowTuple> = {}): Flow {
  const sent = tuple(original);
  return exampleFlow({
    original: sent,
    reply: {
      ...sent,
      source: sent.destination,
      sourcePort: sent.destinationPort,
      destination: sent.source,
      destinationPort: sent.sourcePort,
      ...reply,
    },
  });
}

describe('FlowWays', () => {
  let asked: (string | null)[][];
  let ways: FlowWays;

  beforeEach(() => {
    asked = [];
    const to = (
      _family: 4 | 6,
      destination: string,
      source: string | null,
    ): Promise<Route | null> => {
      asked.push([destination, source]);
      const key = Object.keys(ROUTES).find((one) => destination.startsWith(one));
      return Promise.resolve(key === undefined ? null : (ROUTES[key] ?? null));
    };
    ways = new FlowWays(INTERFACES, { to });
  });

  async function told(one: Flow): Promise<readonly string[]> {
    return (await ways.packetsOf(one)).map(
      ({ path, iifname, oifname, oifnameAfterDnat }) =>
        `${path} ${iifname}>${oifname}${oifnameAfterDnat === null ? '' : `>${oifnameAfterDnat}`}`,
    );
  }

  for (const [title, original, reply, expected] of [
    ['in', { source: '10.0.1.9', destination: '10.0.1.1' }, {}, ['input eth0>']],
    ['out', { source: '10.0.1.1', destination: '10.0.2.9' }, {}, ['output >eth1']],
    ['routed', { source: '10.0.1.9', destination: '10.0.2.50' }, {}, ['forward eth0>eth1']],
    [
      'in by another interface than the one that has the address: either may be meant',
      { source: '10.0.2.9', destination: '10.0.1.1' },
      {},
      ['input eth1>', 'input eth0>'],
    ],
    [
      'in to an address of lo',
      { source: '10.0.1.9', destination: '10.9.9.9' },
      {},
      ['input eth0>'],
    ],
    [
      'in, translated',
      { source: '10.0.1.9', destination: '203.0.113.1' },
      { source: '10.0.1.1', sourcePort: 80 },
      ['input eth0>'],
    ],
    [
      'routed, translated',
      { source: '10.0.1.9', destination: '10.0.1.1' },
      { source: '10.0.2.50', destination: '10.0.2.1' },
      ['forward eth0>eth1'],
    ],
    [
      'out, translated',
      { source: '10.0.1.1', destination: '10.0.1.77' },
      { source: '10.0.2.50' },
      ['output >eth0>eth1'],
    ],
    [
      'out to what only the translation makes routable',
      { source: '10.0.1.1', destination: '198.18.0.1' },
      { source: '10.0.2.50' },
      ['output >eth1'],
    ],
    ['within this host', { source: '127.0.0.1', destination: '127.9.9.9' }, {}, ['loopback lo>lo']],
    [
      'between two addresses of this host',
      { source: '10.0.1.1', destination: '10.0.2.1' },
      {},
      ['loopback lo>lo'],
    ],
    ['nobody knows where', { source: '10.0.1.9', destination: '198.18.0.1' }, {}, []],
    ['to a group', { source: '10.0.1.9', destination: '224.0.0.251' }, {}, []],
    ['out to a group', { source: '10.0.1.1', destination: '224.0.0.251' }, {}, ['output >eth0']],
  ] as const)
    it(`tells ${title}`, async () => {
      assert.deepEqual(await told(flow(original, reply)), expected);
    });

  it('takes link-local flows to pass the interface of their own address', async () => {
    const one = { ...flow({ source: 'fe80::9', destination: 'fe80::1' }), family: 6 as const };
    assert.deepEqual(await told(one), ['input eth0>']);
    assert.deepEqual(asked, []);
  });

  it('does not judge what virtual switches track beside this host', async () => {
    const one = { ...flow({ source: '10.0.1.9', destination: '10.0.2.50' }), zone: 7 };
    assert.deepEqual(await told(one), []);
  });

  it('asks for a route once', async () => {
    for (const sourcePort of [1, 2, 3])
      await told(flow({ source: '10.0.1.9', sourcePort, destination: '10.0.1.1' }));
    assert.deepEqual(asked, [['10.0.1.9', '10.0.1.1']]);
  });

  it('carries the translation', async () => {
    const reply = { source: '10.0.1.1', sourcePort: 80 };
    const [packet] = await ways.packetsOf(
      flow({ source: '10.0.1.9', destination: '203.0.113.1' }, reply),
    );
    assert.equal(packet?.destination, '203.0.113.1');
    assert.equal(packet.conntrack, 'new');
    assert.deepEqual(packet.dnat, { destination: '10.0.1.1', destinationPort: 80 });
  });
});
