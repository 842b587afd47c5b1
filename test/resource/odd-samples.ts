import type { StoredSample } from './stored-samples.ts';

const PREFIX = '/calico/resources/v3/projectcalico.org/';

/** Isolated cases: malformed, hostile or merely unusual; each replaces what the store has under its key. */
export const ODD_SAMPLES: readonly StoredSample[] = [
  {
    key: `${PREFIX}globalnetworkpolicies/cut-off`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"cut-off"},"spec":{"selector":"has(ro',
    outcome: 'absent',
    problems: ['error malformed '],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/empty-object`,
    value: '{}',
    outcome: 'absent',
    problems: ['error malformed '],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/null-value`,
    value: 'null',
    outcome: 'absent',
    problems: ['error malformed '],
  },
  {
    key: `${PREFIX}hostendpoints/zero-bytes`,
    value: '',
    outcome: 'absent',
    problems: ['error malformed '],
  },
  {
    key: `${PREFIX}hostendpoints/a/b`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"a/b"},"spec":{"node":"legacy-db-01","interfaceName":"eth1"}}',
    outcome: 'ignored',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/wrong-kind`,
    value:
      '{"kind":"GlobalNetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"wrong-kind","labels":{"role":"db"}},"spec":{"nets":["192.0.2.0/24"]}}',
    outcome: 'absent',
    problems: ['error identity-mismatch kind'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-range`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-range","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bad-range\\"}"}},"spec":{"tier":"default","order":1,"selector":"all()","types":["Ingress"],"ingress":[{"action":"Deny","protocol":"TCP","destination":{"ports":["9010:9000"]}}]}}',
    outcome: 'absent',
    problems: ['error malformed spec.ingress[0].destination.ports[0]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/dash-range`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"dash-range","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"dash-range\\"}"}},"spec":{"tier":"default","order":1,"selector":"all()","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","destination":{"ports":["8000-8100"]}}]}}',
    outcome: 'absent',
    problems: ['error port-invalid spec.ingress[0].destination.ports[0]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/port-zero`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"port-zero","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"port-zero\\"}"}},"spec":{"tier":"default","order":1,"selector":"all()","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[0]}}]}}',
    outcome: 'absent',
    problems: ['error port-invalid spec.ingress[0].destination.ports[0]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/udplite-ports`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"udplite-ports","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"udplite-ports\\"}"}},"spec":{"tier":"default","order":1,"selector":"all()","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"UDPLite","destination":{"ports":[5000]}}]}}',
    outcome: 'absent',
    problems: ['error ports-without-protocol spec.ingress[0].protocol'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-selector`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-selector","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bad-selector\\"}"}},"spec":{"tier":"default","order":1,"selector":"role = \'db\'","types":["Ingress"],"ingress":[{"action":"Allow"}]}}',
    outcome: 'absent',
    problems: ['error selector-invalid spec.selector'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-ns-selector-rule`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-ns-selector-rule","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bad-ns-selector-rule\\"}"}},"spec":{"tier":"default","order":1,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","source":{"namespaceSelector":"env == prod"}}]}}',
    outcome: 'absent',
    problems: ['error selector-invalid spec.ingress[0].source.namespaceSelector'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-ns-selector-spec`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-ns-selector-spec","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bad-ns-selector-spec\\"}"}},"spec":{"tier":"default","order":1,"selector":"","namespaceSelector":"env == prod","types":["Ingress"],"ingress":[{"action":"Allow"}]}}',
    outcome: 'absent',
    problems: ['error selector-invalid spec.namespaceSelector'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-net`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-net","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bad-net\\"}"}},"spec":{"tier":"default","order":1,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"nets":["192.0.2.300/32"]},"destination":{"ports":[5432]}}]}}',
    outcome: 'present',
    problems: ['error net-invalid spec.ingress[0].source.nets[0]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bare-address-net`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bare-address-net","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bare-address-net\\"}"}},"spec":{"tier":"default","order":440,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","source":{"nets":["192.0.2.77","198.51.100.9/24"]}}]}}',
    outcome: 'present',
    problems: [
      'warning net-invalid spec.ingress[0].source.nets[0]',
      'warning net-invalid spec.ingress[0].source.nets[1]',
    ],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/mixed-families`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"mixed-families","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"mixed-families\\"}"}},"spec":{"tier":"default","order":441,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","source":{"nets":["192.0.2.0/24","2001:db8:10::/48"]}}]}}',
    outcome: 'present',
    problems: ['warning families-mixed spec.ingress[0].source.nets[1]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/no-action`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"no-action","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"no-action\\"}"}},"spec":{"tier":"default","order":1,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"protocol":"TCP","destination":{"ports":[5432]}}]}}',
    outcome: 'present',
    problems: ['error action-invalid spec.ingress[0].action'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/odd-action`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"odd-action","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"odd-action\\"}"}},"spec":{"tier":"default","order":1,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Reject"}]}}',
    outcome: 'present',
    problems: ['error action-invalid spec.ingress[0].action'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/lower-case`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"lower-case","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"lower-case\\"}"}},"spec":{"tier":"default","order":442,"selector":"role == \'db\'","types":["ingress"],"ingress":[{"action":"allow","protocol":"tcp","destination":{"ports":[5432]}}]}}',
    outcome: 'present',
    problems: [
      'warning type-invalid spec.types[0]',
      'warning action-invalid spec.ingress[0].action',
      'warning protocol-invalid spec.ingress[0].protocol',
    ],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/predna-with-egress`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"predna-with-egress","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"predna-with-egress\\"}"}},"spec":{"tier":"default","order":1,"selector":"role == \'edge\'","types":["Ingress","Egress"],"preDNAT":true,"ingress":[{"action":"Allow"}],"egress":[{"action":"Deny"}]}}',
    outcome: 'present',
    problems: [
      'warning stages-contradict spec.applyOnForward',
      'warning stages-contradict spec.egress',
      'warning stages-contradict spec.types',
    ],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/no-types`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"no-types","labels":{"projectcalico.org/tier":"default"}},"spec":{"tier":"default","order":443,"selector":"role == \'app\'","ingress":[{"action":"Allow","protocol":"TCP","destination":{"ports":["http"]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/odd-case-keys`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"odd-case-keys","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"odd-case-keys\\"}"}},"spec":{"tier":"default","order":444,"types":["Ingress"],"Selector":"role == \'app\'","INGRESS":[{"Action":"Allow","destination":{"NETS":["198.51.100.0/24"]}}],"futureField":{"x":1}}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-time`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-time","creationTimestamp":"yesterday","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"bad-time\\"}"}},"spec":{"tier":"default","order":445,"selector":"all()","types":["Ingress"]}}',
    outcome: 'present',
    problems: ['warning timestamp-invalid metadata.creationTimestamp'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/bad-annotation`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-annotation","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{name:x"}},"spec":{"tier":"default","order":446,"selector":"all()","types":["Ingress"]}}',
    outcome: 'absent',
    problems: ['error annotation-invalid metadata.annotations["projectcalico.org/metadata"]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/unknown-hint`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"unknown-hint","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"unknown-hint\\"}"}},"spec":{"tier":"default","order":447,"selector":"role == \'app\'","types":["Ingress"],"performanceHints":["FutureHint"]}}',
    outcome: 'absent',
    problems: ['error performance-hint-invalid spec.performanceHints[0]'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/with-http`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"with-http","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"with-http\\"}"}},"spec":{"tier":"default","order":448,"selector":"role == \'app\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","http":{"methods":["GET"],"paths":[{"prefix":"/public"}]},"destination":{"ports":[80]}}]}}',
    outcome: 'present',
    problems: ['error http-unsupported spec.ingress[0].http'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/with-services`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"with-services","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"with-services\\"}"}},"spec":{"tier":"default","order":449,"selector":"role == \'app\'","types":["Egress"],"egress":[{"action":"Allow","destination":{"services":{"name":"orders","namespace":"shop"}}}]}}',
    outcome: 'present',
    problems: ['error services-unsupported spec.egress[0].destination.services'],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/missing-tier`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"missing-tier","labels":{"projectcalico.org/tier":"ghost"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"missing-tier\\"}"}},"spec":{"tier":"ghost","order":1,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","destination":{"ports":[5432]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/default.allow-ssh`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"default.allow-ssh","annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"allow-ssh\\"}"}},"spec":{"order":100,"selector":"has(role)","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"nets":["192.0.2.0/24"]},"destination":{"ports":[22]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/numeric-proto`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"numeric-proto","labels":{"role":"db"}},"spec":{"node":"legacy-db-01","interfaceName":"eth2","ports":[{"name":"pg","protocol":6,"port":5432}]}}',
    outcome: 'present',
    problems: ['warning protocol-number spec.ports[0].protocol'],
  },
  {
    key: `${PREFIX}hostendpoints/no-node`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"no-node","labels":{"role":"db"}},"spec":{"interfaceName":"eth0"}}',
    outcome: 'absent',
    problems: ['error node-missing spec.node'],
  },
  {
    key: `${PREFIX}hostendpoints/bad-iface`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-iface","labels":{"role":"db"}},"spec":{"node":"legacy-db-01","interfaceName":"eth0:1"}}',
    outcome: 'absent',
    problems: ['error interface-invalid spec.interfaceName'],
  },
  {
    key: `${PREFIX}hostendpoints/upper-node`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"upper-node","labels":{"role":"db"}},"spec":{"node":"Legacy-DB-01","interfaceName":"eth0"}}',
    outcome: 'present',
    problems: ['warning node-invalid spec.node'],
  },
  {
    key: `${PREFIX}hostendpoints/fake-pod-label`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"fake-pod-label","labels":{"role":"db","projectcalico.org/namespace":"shop","tier":"web"}},"spec":{"node":"legacy-db-01","interfaceName":"eth3"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/half-bad-ips`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"half-bad-ips","labels":{"role":"db"}},"spec":{"node":"legacy-db-01","expectedIPs":["192.0.2.111","192.0.2.1.1"]}}',
    outcome: 'present',
    problems: ['error address-invalid spec.expectedIPs[1]'],
  },
  {
    key: `${PREFIX}globalnetworksets/half-bad-nets`,
    value:
      '{"kind":"GlobalNetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"half-bad-nets","labels":{"threat":"scanner"}},"spec":{"nets":["203.0.113.0/24","bogus"]}}',
    outcome: 'present',
    problems: ['error net-invalid spec.nets[1]'],
  },
  {
    key: `${PREFIX}profiles/projectcalico-default-allow`,
    value:
      '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"projectcalico-default-allow"},"spec":{"ingress":[{"action":"Deny"}],"egress":[{"action":"Deny"}]}}',
    outcome: 'present',
    problems: ['warning profile-built-in metadata.name'],
  },
  {
    key: `${PREFIX}profiles/bad-rules`,
    value:
      '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad-rules"},"spec":{"ingress":[{"action":"Allow","protocol":"TCP","destination":{"ports":["0:10"]}}]}}',
    outcome: 'present',
    problems: ['error port-invalid spec.ingress[0].destination.ports[0]'],
  },
  {
    key: `${PREFIX}workloadendpoints/shop/kw--1-k8s-odd`,
    value:
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"kw--1-k8s-odd","generateName":"odd-","namespace":"shop","labels":{"app":"odd","projectcalico.org/namespace":"shop","projectcalico.org/orchestrator":"k8s","projectcalico.org/serviceaccount":"default"}},"spec":{"orchestrator":"k8s","node":"kw-1","containerID":"90e97eba84cce7000a547c0ffb530b5ca34a1c4d0c703fbde03ba56c474a37fe","pod":"odd-1","endpoint":"eth0","serviceAccountName":"default","ipNetworks":["10.244.7.99/32"],"profiles":["kns.shop","ksa.shop.default"],"interfaceName":"calie63be1e0625","mac":"be:2f:9c:00:11:22"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}workloadendpoints/shop/kw--1-k8s-noif--1-eth0`,
    value:
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"kw--1-k8s-noif--1-eth0","generateName":"noif-","namespace":"shop","labels":{"app":"noif","projectcalico.org/namespace":"shop","projectcalico.org/orchestrator":"k8s","projectcalico.org/serviceaccount":"default"}},"spec":{"orchestrator":"k8s","node":"kw-1","containerID":"5c1cb5209d321c6afdea713000740bc6cd93c57c0bc5d28e4e99adaa14db2ab6","pod":"noif-1","endpoint":"eth0","serviceAccountName":"default","ipNetworks":["10.244.7.98/32"],"profiles":["kns.shop","ksa.shop.default"],"mac":"be:2f:9c:00:11:22"}}',
    outcome: 'absent',
    problems: ['error interface-missing spec.interfaceName'],
  },
  {
    key: `${PREFIX}clusterinformations/default`,
    value:
      '{"kind":"ClusterInformation","apiVersion":"projectcalico.org/v3","metadata":{"name":"default","uid":"0f7c1c1e-6f0a-4f53-9a57-0c1b7a1d9e10","creationTimestamp":"2026-08-03T10:00:00Z"},"spec":{"clusterGUID":"5f0c2e7d9b1a4c3e8d6f7a8b9c0d1e2f","datastoreReady":false}}',
    outcome: 'present',
    problems: [],
  },
];
