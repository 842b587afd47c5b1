import assert from 'node:assert/strict';
import { admitManifest } from '../../src/resource/admit.ts';
import type { Kind } from '../../src/resource/resource.ts';
import { manifest } from './objects.ts';

type Case = readonly [kind: Kind, spec: Record<string, unknown>];
type Refusal = readonly [problem: string, kind: Kind, spec: Record<string, unknown>];

const policy = (spec: Record<string, unknown>): Case => ['GlobalNetworkPolicy', spec];
const rule = (part: Record<string, unknown>): Case =>
  policy({ ingress: [{ action: 'Allow', ...part }] });
const hep = (part: Record<string, unknown>): Case => [
  'HostEndpoint',
  { node: 'n', interfaceName: 'eth0', ...part },
];
const noRule = (problem: string, part: Record<string, unknown>): Refusal => [
  `spec.ingress[0].${problem}`,
  ...rule(part),
];
const noSource = (problem: string, part: Record<string, unknown>): Refusal =>
  noRule(`source.${problem}`, { source: part });
const noPolicy = (problem: string, spec: Record<string, unknown>): Refusal => [
  `spec.${problem}`,
  ...policy(spec),
];
const noHep = (problem: string, part: Record<string, unknown>): Refusal => [
  `spec.${problem}`,
  ...hep(part),
];

describe('admitManifest', () => {
  describe('refuses', () => {
    const port = { name: 'http', protocol: 'TCP', port: 80 };
    const refusals: readonly Refusal[] = [
      noPolicy('tier', { tier: 'Platform' }),
      noPolicy('order', { order: '10' }),
      noPolicy('selector', { selector: 'a = b' }),
      noPolicy('selector', { selector: 'global()' }),
      noPolicy('namespaceSelector', { namespaceSelector: 'global()' }),
      noPolicy('namespaceSelector', { namespaceSelector: 'a' }),
      noPolicy('serviceAccountSelector', { serviceAccountSelector: 'has (a)' }),
      noPolicy('types[0]', { types: ['ingress'] }),
      noPolicy('types[1]', { types: ['Egress', 'Egress'] }),
      noPolicy('types[0]', { types: ['Both'] }),
      noPolicy('types', { types: 'Ingress' }),
      noPolicy('preDNAT', { preDNAT: true, doNotTrack: true, applyOnForward: true }),
      noPolicy('applyOnForward', { preDNAT: true }),
      noPolicy('applyOnForward', { doNotTrack: true, applyOnForward: false }),
      noPolicy('egress', {
        preDNAT: true,
        applyOnForward: true,
        types: ['Ingress'],
        egress: [{ action: 'Deny' }],
      }),
      noPolicy('types', { preDNAT: true, applyOnForward: true, types: ['Egress'] }),
      noPolicy('performanceHints[0]', { performanceHints: ['Fast'] }),
      noPolicy('performanceHints[1]', {
        performanceHints: ['AssumeNeededOnEveryNode', 'AssumeNeededOnEveryNode'],
      }),
      noPolicy('doNotTrack', { doNotTrack: 'yes' }),
      noPolicy('egress[0].http', { egress: [{ action: 'Allow', http: { methods: ['GET'] } }] }),
      noPolicy('egress[0].source.services', {
        egress: [{ action: 'Allow', source: { services: { name: 'a', namespace: 'b' } } }],
      }),
      noRule('action', { action: 'allow' }),
      noRule('action', { action: '' }),
      noRule('action', { action: null }),
      noRule('action', { action: 'Reject' }),
      noRule('ipVersion', { ipVersion: 5 }),
      noRule('ipVersion', { ipVersion: '4' }),
      noRule('protocol', { protocol: 'tcp' }),
      noRule('protocol', { protocol: 'icmpv6' }),
      noRule('protocol', { protocol: 'GRE' }),
      noRule('protocol', { protocol: 0 }),
      noRule('protocol', { protocol: 256 }),
      noRule('protocol', { protocol: '256' }),
      noRule('notProtocol', { notProtocol: 'Udp' }),
      noRule('notProtocol', { notProtocol: 0 }),
      noRule('icmp.type', { protocol: 'ICMP', icmp: { type: 255 } }),
      noRule('icmp.type', { protocol: 'ICMP', icmp: { type: -1 } }),
      noRule('icmp.type', { protocol: 'ICMP', icmp: { type: 'echo' } }),
      noRule('icmp.code', { protocol: 'ICMP', icmp: { type: 1, code: 256 } }),
      noRule('icmp.code', { protocol: 'ICMP', icmp: { code: 1 } }),
      noRule('notICMP.code', { notICMP: { code: 1 } }),
      noRule('icmp', { icmp: { type: 8 } }),
      noRule('icmp', { protocol: 'TCP', icmp: { type: 8 } }),
      noRule('ipVersion', { ipVersion: 6, protocol: 'ICMP' }),
      noRule('ipVersion', { ipVersion: 6, protocol: 1 }),
      noRule('ipVersion', { ipVersion: 4, protocol: 58 }),
      noRule('ipVersion', { ipVersion: 4, notProtocol: 'ICMPv6' }),
      noRule('protocol', { destination: { ports: [80] } }),
      noRule('protocol', { destination: { notPorts: ['http', '1:2'] } }),
      noRule('protocol', { protocol: 'UDPLite', source: { ports: [80] } }),
      noRule('protocol', { protocol: 'ICMP', source: { ports: ['http'] } }),
      noRule('destination.nets[0]', {
        source: { nets: ['10.0.0.0/8'] },
        destination: { nets: ['fd00::/8'] },
      }),
      noRule('destination.services', { destination: { services: { name: 'a', namespace: 'b' } } }),
      noRule('http', { action: 'Deny', http: { methods: ['GET'] } }),
      noRule('protocol', { protocol: 'UDP', http: { methods: ['GET'] } }),
      noRule('http.methods[1]', { http: { methods: ['GET', 'GET'] } }),
      noRule('http.paths[0]', { http: { paths: [{}] } }),
      noRule('http.paths[1]', { http: { paths: [{ exact: '/' }, { exact: '/a', prefix: '/b' }] } }),
      noRule('http.paths[0]', { http: { paths: [{ prefix: 'a' }] } }),
      noRule('http.paths[0]', { http: { paths: [{ exact: '/a?b' }] } }),
      noRule('metadata.annotations["a b"]', { metadata: { annotations: { 'a b': '' } } }),
      noSource('nets[0]', { nets: ['10.0.0.1/8'] }),
      noSource('nets[0]', { nets: ['10.0.0.1'] }),
      noSource('nets[1]', { nets: ['10.0.0.0/8', 'x'] }),
      noSource('nets[0]', { nets: ['10.0.0.0/33'] }),
      noSource('nets[0]', { nets: ['010.0.0.0/8'] }),
      noSource('nets[0]', { nets: ['::ffff:10.0.0.0/104'] }),
      noSource('nets[1]', { nets: ['10.0.0.0/8', 'fd00::/8'] }),
      noSource('notNets[0]', { notNets: ['0.0.0.0/0'] }),
      noSource('notNets[0]', { notNets: ['0::0/0'] }),
      noSource('selector', { selector: 'role == db' }),
      noSource('selector', { selector: 'global()' }),
      noSource('notSelector', { notSelector: 'role' }),
      noSource('namespaceSelector', { namespaceSelector: 'global() || has(a)' }),
      noSource('namespaceSelector', { namespaceSelector: '!' }),
      noSource('serviceAccounts.selector', { serviceAccounts: { selector: 'a in b' } }),
      noRule('source.ports[0]', { protocol: 'TCP', source: { ports: [0] } }),
      noSource('ports[0]', { ports: ['80-90'] }),
      noSource('ports[0]', { ports: ['90:80'] }),
      noSource('ports[0]', { ports: ['80,443'] }),
      noSource('ports[0]', { ports: ['HTTP'] }),
      noSource('ports[0]', { ports: ['a--b'] }),
      noSource('ports[0]', { ports: ['-a'] }),
      noSource('ports[1]', { ports: [1, 65536] }),
      noRule('source.notPorts[0]', { protocol: 6, source: { notPorts: ['0:10'] } }),
      noSource('services.name', { services: { namespace: 'b' } }),
      noSource('services.namespace', { services: { name: 'a' } }),
      noSource('services', { services: { name: 'a', namespace: 'b' }, selector: 'has(a)' }),
      noSource('services', { services: { name: 'a', namespace: 'b' }, nets: ['10.0.0.0/8'] }),
      noSource('services', { services: { name: 'a', namespace: 'b' }, serviceAccounts: {} }),
      noHep('node', { node: '' }),
      noHep('node', { node: 'Legacy-DB' }),
      noHep('node', { node: 'a_b' }),
      noHep('interfaceName', { interfaceName: 'eth0:1' }),
      noHep('interfaceName', { interfaceName: 'eth+' }),
      noHep('interfaceName', { interfaceName: 'a-very-long-name' }),
      ['spec', 'HostEndpoint', { node: 'n' }],
      noHep('expectedIPs[0]', { expectedIPs: ['10.0.0.1/32'] }),
      noHep('expectedIPs[1]', { expectedIPs: ['10.0.0.1', 'fe80::1%eth0'] }),
      noHep('profiles[0]', { profiles: ['Base'] }),
      noHep('ports[0].name', { ports: [{ ...port, name: 'Http' }] }),
      noHep('ports[0].name', { ports: [{ ...port, name: '8080' }] }),
      noHep('ports[0].name', { ports: [{ protocol: 'TCP', port: 1 }] }),
      noHep('ports[0].protocol', { ports: [{ ...port, protocol: 'tcp' }] }),
      noHep('ports[0].protocol', { ports: [{ ...port, protocol: 'UDPLite' }] }),
      noHep('ports[0].protocol', { ports: [{ ...port, protocol: 1 }] }),
      noHep('ports[0].port', { ports: [{ ...port, port: 0 }] }),
      noHep('ports[1].port', { ports: [port, { ...port, port: 65536 }] }),
      ['spec.nets[0]', 'GlobalNetworkSet', { nets: ['10.0.0.0/8/8'] }],
      ['spec.nets[1]', 'NetworkSet', { nets: ['10.0.0.1', 'example.org'] }],
      ['spec.nets', 'NetworkSet', { nets: '10.0.0.1' }],
      ['spec.defaultAction', 'Tier', { defaultAction: 'Allow' }],
      ['spec.defaultAction', 'Tier', { defaultAction: 'deny' }],
      ['spec.labelsToApply["a b"]', 'Profile', { labelsToApply: { 'a b': 'c' } }],
      ['spec.labelsToApply["a"]', 'Profile', { labelsToApply: { a: 'c d' } }],
      ['spec.labelsToApply["a"]', 'Profile', { labelsToApply: { a: 1 } }],
      ['spec.ingress[0].action', 'Profile', { ingress: [{}] }],
      [
        'spec.egress[0].source.ports[0]',
        'Profile',
        { egress: [{ action: 'Allow', protocol: 'TCP', source: { ports: ['0:10'] } }] },
      ],
      ['spec.stagedAction', 'StagedGlobalNetworkPolicy', { stagedAction: 'set' }],
      ['spec.selector', 'StagedGlobalNetworkPolicy', { stagedAction: 'Delete', selector: 'all()' }],
      ['spec.order', 'StagedNetworkPolicy', { stagedAction: 'Delete', order: 0 }],
      ['spec.reportingInterval', 'FelixConfiguration', { reportingInterval: '30' }],
      ['spec.logSeverityScreen', 'FelixConfiguration', { logSeverityScreen: 'Loud' }],
      [
        'spec.nftablesFilterDenyAction',
        'FelixConfiguration',
        { nftablesFilterDenyAction: 'Accept' },
      ],
      ['spec.logActionRateLimit', 'FelixConfiguration', { logActionRateLimit: '10 per second' }],
      [
        'spec.failsafeInboundHostPorts[0].protocol',
        'FelixConfiguration',
        { failsafeInboundHostPorts: [{ protocol: 'ICMP', port: 1 }] },
      ],
      [
        'spec.failsafeInboundHostPorts[0].net',
        'FelixConfiguration',
        { failsafeInboundHostPorts: [{ port: 1, net: 'x' }] },
      ],
      ['spec.nodeSelector', 'FelixConfiguration', { nodeSelector: 'a=b' }],
      ['spec.interfaceName', 'WorkloadEndpoint', { ipNetworks: ['10.0.0.1'] }],
      ['spec.datastoreReady', 'ClusterInformation', { datastoreReady: 'true' }],
    ];
    for (const [field, kind, spec] of refusals) {
      it(`${kind} ${JSON.stringify(spec)} for ${field}`, () => {
        const admission = admitManifest(manifest(kind, spec));
        const errors = admission.problems.filter((problem) => problem.severity === 'error');
        assert.deepEqual(
          errors.map((problem) => problem.field),
          [field],
        );
        assert.match(errors[0]?.message ?? '', /[a-z].*[.?]$/i);
        assert.equal(admission.value, null);
      });
    }
  });
});
