import assert from 'node:assert/strict';
import { ALARM_CODES, alarmsOf } from '../../src/agent/alarms.ts';
import type { AlarmInputs } from '../../src/agent/alarms-inputs.ts';
import { datastoreGate } from '../../src/agent/datastore-gate.ts';
import type { Fault } from '../../src/agent/fault.ts';
import type { NetworkInterface } from '../../src/host/host.ts';
import { PolicyStore } from '../../src/policy/policy-store.ts';
import type { Resource } from '../../src/resource/resource.ts';
import type { Rule } from '../../src/resource/rule.ts';
import {
  entity,
  globalNetworkSet,
  globalPolicy,
  hostEndpoint,
  profile,
  put,
  remove,
  rule,
  selector,
  workloadEndpoint,
} from '../support/resources.ts';
import { SETTINGS } from '../support/settings.ts';

const ETH0 = nic('eth0', '10.0.1.1');

function nic(name: string, ...addresses: readonly string[]): NetworkInterface {
  return { index: 2, name, running: true, addresses };
}

interface World extends Partial<AlarmInputs> {
  readonly objects?: readonly Resource[];
}

/** Inputs of a host called hosta that these objects apply to. */
function inputs({ objects = [hostEndpoint('edge')], ...given }: World = {}): AlarmInputs {
  const { interfaces = [ETH0], isExcluded = () => false, nodeName = 'hosta' } = given;
  const store = new PolicyStore(nodeName);
  for (const object of objects) store.apply(put(object));
  store.setInterfaces(interfaces, isExcluded);
  return {
    nodeName,
    interfaces,
    isExcluded,
    resolution: store.resolve(),
    nodeNames: store.nodeNames,
    problems: [],
    idlePolicies: [],
    fight: null,
    observing: { host: false, tiers: [] },
    failsafes: SETTINGS,
    datastoreEndpoints: [],
    serviceFaults: [],
    ...given,
  };
}

function raised(world: World): readonly Fault[] {
  return alarmsOf(inputs(world));
}

function only(world: World): Fault {
  const faults = raised(world);
  assert.equal(faults.length, 1, JSON.stringify(faults));
  const [fault] = faults;
  if (fault === undefined) throw new Error('none');
  return fault;
}

describe('alarmsOf', () => {
  it('raises nothing on a host that is in order', () => {
    assert.deepEqual(raised({}), []);
  });

  it('says nothing of endpoints and interfaces before anything is in force', () => {
    assert.deepEqual(raised({ resolution: null, objects: [] }), []);
  });

  it('names a code once, and knows all codes', () => {
    assert.equal(new Set(ALARM_CODES).size, ALARM_CODES.length);
  });

  it('table-fought-over names the programs', () => {
    const { code, message } = only({ fight: { changes: 40, programs: ['sh', 'nft'] } });
    assert.equal(code, 'table-fought-over');
    assert.match(message, /changed over and over by sh, nft:/);
    assert.match(only({ fight: { changes: 40, programs: [] } }).message, /by another program:/);
  });

  it('observing says who observes, and how to end it', () => {
    const host = only({ observing: { host: true, tiers: [] } });
    assert.deepEqual([host.code, host.objects], ['observing', []]);
    assert.match(host.message, /^nothing is denied on this host.*Set enforcement: enforce/);
    const tiers = only({ observing: { host: false, tiers: ['a', 'b'] } });
    assert.deepEqual(tiers.objects, ['Tier a', 'Tier b']);
    assert.match(tiers.message, /^what these tiers deny.*: a, b\. Remove their annotation/);
  });

  describe('nothing-protects-this-host', () => {
    it('is raised instead of an alarm for each interface', () => {
      const { code, message } = only({ objects: [hostEndpoint('x', { node: 'other' })] });
      assert.equal(code, 'nothing-protects-this-host');
      assert.match(message, /spec\.node "hosta"/);
    });
  });

  describe('interface-unprotected', () => {
    const interfaces = [ETH0, nic('eth1', '10.0.2.1'), nic('lo', '127.0.0.1'), nic('eth2')];

    it('names interfaces with addresses that no endpoint governs, and what to write', () => {
      const { code, objects, message } = only({ interfaces });
      assert.deepEqual([code, objects], ['interface-unprotected', ['interface eth1']]);
      assert.match(message, /interface eth1.*HostEndpoint.*"hosta".*InterfaceExclude/);
    });

    it('leaves out interfaces that InterfaceExclude takes out', () => {
      assert.deepEqual(raised({ interfaces, isExcluded: (name) => name === 'eth1' }), []);
    });

    it('is silent when an endpoint stands for all interfaces', () => {
      const star = hostEndpoint('star', { interfaceName: '*' });
      assert.deepEqual(raised({ interfaces, objects: [star] }), []);
    });

    it('is silent when an endpoint governs the interface by address', () => {
      const objects = [
        hostEndpoint('edge'),
        hostEndpoint('by-address', { interfaceName: '', expectedIPs: ['10.0.2.1'] }),
      ];
      assert.deepEqual(raised({ interfaces, objects }), []);
    });
  });

  describe('endpoint-without-interface', () => {
    const cases: readonly (readonly [string, World, RegExp])[] = [
      [
        'a name that does not exist',
        { objects: [hostEndpoint('edge'), hostEndpoint('lost', { interfaceName: 'eth9' })] },
        /HostEndpoint lost \(there is no interface eth9\)/,
      ],
      [
        'a smaller name that governs the interface',
        { objects: [hostEndpoint('a'), hostEndpoint('b')] },
        /HostEndpoint b \(eth0: HostEndpoint a comes first by name\)/,
      ],
      [
        'another endpoint for all interfaces',
        {
          objects: [
            hostEndpoint('a', { interfaceName: '*' }),
            hostEndpoint('b', { interfaceName: '*' }),
          ],
        },
        /HostEndpoint b \(all interfaces: HostEndpoint a comes first by name\)/,
      ],
      [
        'an interface that is excluded',
        {
          objects: [hostEndpoint('edge'), hostEndpoint('x', { interfaceName: 'eth1' })],
          interfaces: [ETH0, nic('eth1')],
          isExcluded: (name) => name === 'eth1',
        },
        /HostEndpoint x \(InterfaceExclude takes eth1 out\)/,
      ],
    ];
    for (const [what, world, message] of cases) {
      it(`names the endpoint and ${what}`, () => {
        const fault = only(world);
        assert.equal(fault.code, 'endpoint-without-interface');
        assert.match(fault.message, message);
      });
    }

    it('names an endpoint without interfaceName whose addresses are nowhere', () => {
      const lost = hostEndpoint('lost', { interfaceName: '', expectedIPs: ['192.0.2.9'] });
      const faults = raised({ objects: [hostEndpoint('edge'), lost] });
      assert.deepEqual(
        faults.map(({ code }) => code),
        ['endpoint-without-interface', 'expected-ip-absent'],
      );
      for (const { message } of faults) assert.match(message, /HostEndpoint lost.*192\.0\.2\.9/);
    });
  });

  describe('expected-ip-absent', () => {
    it('names the endpoint and the addresses that the host does not have', () => {
      const edge = hostEndpoint('edge', { expectedIPs: ['10.0.1.1', '10.0.1.2'] });
      const { code, objects, message } = only({ objects: [edge] });
      assert.deepEqual([code, objects], ['expected-ip-absent', ['HostEndpoint edge']]);
      assert.match(message, /HostEndpoint edge: 10\.0\.1\.2\)/);
    });

    it('does not care on which interface an address is', () => {
      const edge = hostEndpoint('edge', { expectedIPs: ['127.0.0.9'] });
      assert.deepEqual(raised({ objects: [edge], interfaces: [ETH0, nic('lo', '127.0.0.9')] }), []);
    });

    it('leaves the endpoints of other nodes alone', () => {
      const other = hostEndpoint('other', { node: 'hostb', expectedIPs: ['192.0.2.9'] });
      assert.deepEqual(raised({ objects: [hostEndpoint('edge'), other] }), []);
    });
  });

  describe('node-name-similar', () => {
    const cases: readonly (readonly [string, string, boolean, boolean])[] = [
      ['db-1', 'DB-1', false, true],
      ['db-1', 'db-1.example.com', false, true],
      ['db-1.example.com', 'db-1', false, true],
      ['db-1.example.com', 'Db-1', true, true],
      ['db-1.example.com', 'db-1.example.org', false, true],
      ['db-1.example.com', 'db-1.example.org', true, false],
      ['db-1', 'db-10', false, false],
      ['db-1', 'db', false, false],
    ];
    for (const [nodeName, other, isNamed, expected] of cases) {
      const what = isNamed ? ', which has an endpoint of its own' : '';
      it(`${expected ? 'is' : 'is not'} raised on ${nodeName}${what} for an endpoint of ${other}`, () => {
        const own = isNamed ? [hostEndpoint('own', { node: nodeName })] : [];
        const objects = [...own, hostEndpoint('other', { node: other })];
        const fault = raised({ nodeName, objects }).find(
          ({ code }) => code === 'node-name-similar',
        );
        assert.deepEqual(fault?.objects, expected ? [`node ${other}`] : undefined);
        if (expected) assert.ok(fault?.message.includes(`"${nodeName}"`));
      });
    }
  });

  describe('objects-rejected', () => {
    it('names each object with an error once, and no object that only has a warning', () => {
      const problem = { code: 'x', field: 'f', message: 'm' } as const;
      const { code, objects } = only({
        problems: [
          { ...problem, severity: 'error', object: 'Tier t' },
          { ...problem, severity: 'error', object: 'Tier t' },
          { ...problem, severity: 'error', object: 'Profile p' },
          { ...problem, severity: 'warning', object: 'Tier warned' },
        ],
      });
      assert.deepEqual([code, objects], ['objects-rejected', ['Profile p', 'Tier t']]);
    });
  });

  describe('the gate', () => {
    const cluster = { kind: 'ClusterInformation', namespace: '', name: 'default' } as const;
    const unlocked = { ...cluster, datastoreReady: true, clusterGUID: 'b', calicoVersion: '' };
    const cases = [
      ['datastore-blank', null],
      ['datastore-not-ready', { ...unlocked, datastoreReady: false }],
      ['datastore-changed', unlocked],
    ] as const;
    for (const [expected, clusterInformation] of cases) {
      it(`raises ${expected} and does not count it as an object rejected`, () => {
        const datastoreType = 'etcdv3';
        const gate = datastoreGate({ datastoreType, clusterInformation, trustedGUID: 'a' });
        const { code, objects } = only({ problems: gate.isOpen ? [] : [gate.problem] });
        assert.deepEqual([code, objects], [expected, ['ClusterInformation default']]);
      });
    }
  });

  describe('policy-selects-nothing', () => {
    it('names ten policies and counts the rest', () => {
      const idlePolicies = Array.from({ length: 12 }, (_, i) => globalPolicy(`p${i}`));
      const { code, objects, message } = only({ idlePolicies });
      assert.deepEqual([code, objects.length], ['policy-selects-nothing', 12]);
      assert.match(message, /GlobalNetworkPolicy p9 and 2 more\..*spec\.selector/);
    });
  });

  describe('failsafes', () => {
    const tcp = (port: number, net: string | null = null) => ({ protocol: 6, net, port }) as const;
    const cases: readonly (readonly [string, ReturnType<typeof tcp>[], string, boolean])[] = [
      ['any address', [tcp(2379)], 'https://192.0.2.1:2379', true],
      ['another port', [tcp(2379)], 'https://192.0.2.1:12379', false],
      ['a network with the address', [tcp(2379, '192.0.2.0/24')], 'http://192.0.2.1:2379', true],
      ['another network', [tcp(2379, '198.51.100.0/24')], 'http://192.0.2.1:2379', false],
      ['a network of the other family', [tcp(2379, '::/0')], 'http://192.0.2.1:2379', false],
      ['an IPv6 network', [tcp(2379, '2001:db8::/32')], 'http://[2001:db8::1]:2379', true],
      ['another IPv6 network', [tcp(2379, '2001:db8::/64')], 'http://[2001:db8:1::1]:2379', false],
      ['a network, for a host name', [tcp(2379, '192.0.2.0/24')], 'http://etcd.example:2379', true],
      ['another port, for a host name', [tcp(2380)], 'http://etcd.example:2379', false],
      ['the port of its scheme', [tcp(443)], 'https://192.0.2.1:443', true],
      ['nothing, for this host itself', [], 'http://127.0.0.1:2379', true],
      ['nothing, for this host itself (IPv6)', [], 'http://[::1]:2379', true],
    ];
    for (const [what, failsafeOutbound, url, isReached] of cases) {
      it(`${isReached ? 'reach' : 'do not reach'} ${url} with ${what}`, () => {
        const failsafes = { ...SETTINGS, failsafeOutbound };
        const faults = raised({ failsafes, datastoreEndpoints: [url] });
        assert.deepEqual(
          faults.map(({ code, objects }) => [code, ...objects]),
          isReached ? [] : [['failsafe-datastore', url]],
        );
      });
    }

    it('raise failsafe-ssh without tcp:22', () => {
      const failsafes = { ...SETTINGS, failsafeInbound: [tcp(2222)] };
      const { code, message } = only({ failsafes });
      assert.equal(code, 'failsafe-ssh');
      assert.match(message, /Add tcp:22/);
    });

    it('may let SSH in from some networks only', () => {
      const failsafes = { ...SETTINGS, failsafeInbound: [tcp(22, '10.0.0.0/8')] };
      assert.deepEqual(raised({ failsafes }), []);
    });

    it('matter to no host without endpoints', () => {
      const failsafes = { failsafeInbound: [], failsafeOutbound: [] };
      const codes = raised({ failsafes, objects: [] }).map(({ code }) => code);
      assert.deepEqual(codes, ['nothing-protects-this-host']);
    });
  });

  describe('rules', () => {
    const under = (ingress: readonly Rule[], ...others: readonly Resource[]): World => ({
      objects: [hostEndpoint('edge'), globalPolicy('p', { ingress }), ...others],
    });
    const from = (fields: Parameters<typeof entity>[0]): Rule =>
      rule('Allow', { source: entity(fields) });
    const tcpTo = (fields: Parameters<typeof entity>[0]): Rule =>
      rule('Allow', { protocol: 6, destination: entity(fields) });
    const never: readonly (readonly [string, Rule])[] = [
      ['cannot be honoured', rule('Allow', { neverMatches: 'services are not known to a host' })],
      [
        'ask for two families',
        rule('Allow', {
          source: entity({ nets: ['10.0.0.0/8'] }),
          destination: entity({ nets: ['2001:db8::/32'] }),
        }),
      ],
      [
        'ask for another family than their nets',
        { ...from({ nets: ['10.0.0.0/8'] }), ipVersion: 6 },
      ],
      ['exclude their own protocol', rule('Deny', { protocol: 6, notProtocol: 6 })],
      [
        'ask for ICMP in TCP',
        rule('Allow', { protocol: 6, ipVersion: 4, icmp: { type: 8, code: null } }),
      ],
    ];
    for (const [what, one] of never) {
      it(`raise rule-never-matches when they ${what}`, () => {
        const { code, message } = only(under([rule('Allow'), one]));
        assert.equal(code, 'rule-never-matches');
        assert.match(message, /GlobalNetworkPolicy p spec\.ingress\[1\] \(.+\)/);
      });
    }

    const web = selector('app == "web"');
    const nobody: readonly (readonly [string, Rule, readonly Resource[], boolean])[] = [
      ['asks for labels that nobody has', from({ selector: web }), [], true],
      [
        'asks for labels that a pod has',
        from({ selector: web }),
        [workloadEndpoint('w', { labels: { app: 'web' } })],
        false,
      ],
      [
        'asks for IPv6 addresses of an IPv4 pod',
        { ...from({ selector: web }), ipVersion: 6 },
        [workloadEndpoint('w', { labels: { app: 'web' } })],
        true,
      ],
      [
        'asks for a network set without nets',
        from({ selector: web }),
        [globalNetworkSet('n', { labels: { app: 'web' } })],
        true,
      ],
      ['only excludes labels that nobody has', from({ notSelector: web }), [], false],
      [
        'asks for a named port that nobody has',
        tcpTo({ ports: { numeric: [], named: ['http'] } }),
        [],
        true,
      ],
      [
        'asks for a number or a named port that nobody has',
        tcpTo({ ports: { numeric: [{ from: 80, to: 80 }], named: ['http'] } }),
        [],
        false,
      ],
    ];
    for (const [what, one, others, expected] of nobody) {
      it(`${expected ? 'raise' : 'do not raise'} rule-matches-nobody when one ${what}`, () => {
        const codes = raised(under([one], ...others)).map(({ code }) => code);
        assert.deepEqual(codes, expected ? ['rule-matches-nobody'] : []);
      });
    }

    it('are looked at again when a set becomes empty', () => {
      const pod = workloadEndpoint('w', { labels: { app: 'web' } });
      const store = new PolicyStore('hosta');
      for (const one of under([from({ selector: web })], pod).objects ?? []) store.apply(put(one));
      store.setInterfaces([ETH0], () => false);
      const codes = (): readonly string[] =>
        alarmsOf(inputs({ resolution: store.resolve() })).map(({ code }) => code);
      assert.deepEqual(codes(), []);
      store.apply(remove(pod));
      assert.deepEqual(codes(), ['rule-matches-nobody']);
      store.apply(put(pod));
      assert.deepEqual(codes(), []);
    });

    it('of profiles count as well', () => {
      const objects = [
        hostEndpoint('edge', { profiles: ['prof'] }),
        profile('prof', { rules: { ingress: [], egress: [from({ selector: web })] } }),
      ];
      assert.deepEqual(only({ objects }).objects, ['Profile prof spec.egress[0]']);
    });

    it('of policies for other hosts do not count', () => {
      const elsewhere = globalPolicy('p', { selector: web, ingress: [from({ selector: web })] });
      assert.deepEqual(raised({ objects: [hostEndpoint('edge'), elsewhere] }), []);
    });
  });

  it('passes on why a service does not listen', () => {
    const fault = { code: 'health-unavailable', message: 'port 9099 is taken' };
    assert.deepEqual(raised({ serviceFaults: [fault] }), [{ ...fault, objects: [] }]);
  });
});
