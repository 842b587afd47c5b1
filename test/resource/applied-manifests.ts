/** A manifest given to calicoctl apply (Calico v3.32), and the bytes that it stored, less uid and creationTimestamp. */
export interface AppliedManifest {
  readonly manifest: string;
  readonly key: string;
  readonly stored: string;
}

const PREFIX = '/calico/resources/v3/projectcalico.org/';

/** Recorded from a real calicoctl. */
export const APPLIED_MANIFESTS: readonly AppliedManifest[] = [
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: security-operations}\nspec: {order: 100}\n',
    key: `${PREFIX}tiers/security-operations`,
    stored:
      '{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":"security-operations"},"spec":{"order":100,"defaultAction":"Deny"},"status":{}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: security-operations.quarantine}\nspec:\n  tier: security-operations\n  order: 200\n  selector: quarantine == "true"\n  ingress:\n  - action: Log\n    source: {}\n    destination: {}\n  - action: Deny\n    source: {}\n    destination: {}\n  egress:\n  - action: Log\n    source: {}\n    destination: {}\n  - action: Deny\n    source: {}\n    destination: {}\n  types: [Ingress, Egress]\n',
    key: `${PREFIX}globalnetworkpolicies/security-operations.quarantine`,
    stored:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"security-operations.quarantine","labels":{"projectcalico.org/tier":"security-operations"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"security-operations.quarantine\\"}"}},"spec":{"tier":"security-operations","order":200,"ingress":[{"action":"Log"},{"action":"Deny"}],"egress":[{"action":"Log"},{"action":"Deny"}],"selector":"quarantine == \\"true\\"","types":["Ingress","Egress"]}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: {name: web1-eth0, labels: {role: web}}\nspec: {interfaceName: eth0, node: web1, expectedIPs: ["198.51.100.1"]}\n',
    key: `${PREFIX}hostendpoints/web1-eth0`,
    stored:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"web1-eth0","labels":{"role":"web"}},"spec":{"node":"web1","interfaceName":"eth0","expectedIPs":["198.51.100.1"]}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: allow-web}\nspec:\n  selector: role == \'web\'\n  ingress:\n  - {action: Allow, protocol: TCP, destination: {ports: [80, "8000:8100"]}, source: {nets: [198.51.100.0/24]}}\n',
    key: `${PREFIX}globalnetworkpolicies/allow-web`,
    stored:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"allow-web","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"allow-web\\"}"}},"spec":{"tier":"default","ingress":[{"action":"Allow","protocol":"TCP","source":{"nets":["198.51.100.0/24"]},"destination":{"ports":[80,"8000:8100"]}}],"selector":"role == \'web\'","types":["Ingress"]}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: GlobalNetworkSet\nmetadata: {name: bad, labels: {threat: "yes"}}\nspec: {nets: [203.0.113.0/24]}\n',
    key: `${PREFIX}globalnetworksets/bad`,
    stored:
      '{"kind":"GlobalNetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"bad","labels":{"threat":"yes"}},"spec":{"nets":["203.0.113.0/24"]}}',
  },
  {
    manifest:
      "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: block-threats}\nspec:\n  order: 10\n  selector: role == 'web'\n  preDNAT: true\n  applyOnForward: true\n  ingress:\n  - {action: Deny, source: {selector: threat == 'yes'}}\n",
    key: `${PREFIX}globalnetworkpolicies/block-threats`,
    stored:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"block-threats","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"block-threats\\"}"}},"spec":{"tier":"default","order":10,"ingress":[{"action":"Deny","source":{"selector":"threat == \'yes\'"}}],"selector":"role == \'web\'","types":["Ingress"],"preDNAT":true,"applyOnForward":true}}',
  },
  {
    manifest:
      "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: fast-dns}\nspec:\n  order: 20\n  selector: role == 'web'\n  doNotTrack: true\n  applyOnForward: true\n  types: [Ingress, Egress]\n  ingress:\n  - {action: Allow, protocol: UDP, destination: {ports: [53]}}\n  egress:\n  - {action: Allow, protocol: UDP, source: {ports: [53]}}\n",
    key: `${PREFIX}globalnetworkpolicies/fast-dns`,
    stored:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"fast-dns","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"fast-dns\\"}"}},"spec":{"tier":"default","order":20,"ingress":[{"action":"Allow","protocol":"UDP","destination":{"ports":[53]}}],"egress":[{"action":"Allow","protocol":"UDP","source":{"ports":[53]}}],"selector":"role == \'web\'","types":["Ingress","Egress"],"doNotTrack":true,"applyOnForward":true}}',
  },
  {
    manifest:
      "apiVersion: projectcalico.org/v3\nkind: GlobalNetworkPolicy\nmetadata: {name: forward-web}\nspec:\n  order: 30\n  selector: role == 'web'\n  applyOnForward: true\n  ingress:\n  - action: Allow\n    protocol: TCP\n    notProtocol: UDP\n    source: {namespaceSelector: env == 'prod', serviceAccounts: {names: [web]}, notNets: [192.0.2.0/24]}\n    destination: {ports: [http, 443], notPorts: [444]}\n    metadata: {annotations: {why: \"shown in status\"}}\n  - {action: Allow, protocol: ICMP, icmp: {type: 8, code: 0}, ipVersion: 4}\n  - {action: Pass, protocol: 17}\n",
    key: `${PREFIX}globalnetworkpolicies/forward-web`,
    stored:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"forward-web","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"forward-web\\"}"}},"spec":{"tier":"default","order":30,"ingress":[{"action":"Allow","protocol":"TCP","notProtocol":"UDP","source":{"namespaceSelector":"env == \'prod\'","notNets":["192.0.2.0/24"],"serviceAccounts":{"names":["web"]}},"destination":{"ports":["http",443],"notPorts":[444]},"metadata":{"annotations":{"why":"shown in status"}}},{"action":"Allow","ipVersion":4,"protocol":"ICMP","icmp":{"type":8,"code":0}},{"action":"Pass","protocol":17}],"selector":"role == \'web\'","types":["Ingress"],"applyOnForward":true}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: HostEndpoint\nmetadata: {name: web1-all, labels: {role: web}}\nspec: {interfaceName: "*", node: web1, profiles: [projectcalico-default-allow], ports: [{name: http, protocol: TCP, port: 80}]}\n',
    key: `${PREFIX}hostendpoints/web1-all`,
    stored:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"web1-all","labels":{"role":"web"}},"spec":{"node":"web1","interfaceName":"*","profiles":["projectcalico-default-allow"],"ports":[{"name":"http","protocol":"TCP","port":80}]}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: NetworkSet\nmetadata: {name: partners, namespace: prod, labels: {partner: "yes"}}\nspec: {nets: [192.0.2.128/25, "2001:db8:9::/48"]}\n',
    key: `${PREFIX}networksets/prod/partners`,
    stored:
      '{"kind":"NetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"partners","namespace":"prod","labels":{"partner":"yes"}},"spec":{"nets":["192.0.2.128/25","2001:db8:9::/48"]}}',
  },
  {
    manifest:
      "apiVersion: projectcalico.org/v3\nkind: NetworkPolicy\nmetadata: {name: np1, namespace: prod}\nspec:\n  selector: app == 'db'\n  ingress:\n  - {action: Allow, source: {serviceAccounts: {selector: \"trust == 'high'\"}}}\n",
    key: `${PREFIX}networkpolicies/prod/np1`,
    stored:
      '{"kind":"NetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"np1","namespace":"prod","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"np1\\"}"}},"spec":{"tier":"default","ingress":[{"action":"Allow","source":{"serviceAccounts":{"selector":"trust == \'high\'"}}}],"selector":"app == \'db\'","types":["Ingress"]}}',
  },
  {
    manifest:
      "apiVersion: projectcalico.org/v3\nkind: StagedGlobalNetworkPolicy\nmetadata: {name: try-deny}\nspec: {selector: role == 'web', stagedAction: Set, ingress: [{action: Deny}]}\n",
    key: `${PREFIX}stagedglobalnetworkpolicies/try-deny`,
    stored:
      '{"kind":"StagedGlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"try-deny","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"try-deny\\"}"}},"spec":{"stagedAction":"Set","tier":"default","ingress":[{"action":"Deny"}],"selector":"role == \'web\'","types":["Ingress"]}}',
  },
  {
    manifest:
      "apiVersion: projectcalico.org/v3\nkind: Profile\nmetadata: {name: prof1}\nspec: {labelsToApply: {env: prod}, ingress: [{action: Allow, source: {selector: role == 'web'}}], egress: [{action: Allow}]}\n",
    key: `${PREFIX}profiles/prof1`,
    stored:
      '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"prof1"},"spec":{"ingress":[{"action":"Allow","source":{"selector":"role == \'web\'"}}],"egress":[{"action":"Allow"}],"labelsToApply":{"env":"prod"}}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: default}\nspec:\n  failsafeInboundHostPorts: [{protocol: tcp, port: 22, net: 198.51.100.0/24}]\n  failsafeOutboundHostPorts: []\n  logPrefix: "calico %t %p"\n  endpointStatusPathPrefix: "none"\n  reportingInterval: 30s\n',
    key: `${PREFIX}felixconfigurations/default`,
    stored:
      '{"kind":"FelixConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"default"},"spec":{"logPrefix":"calico %t %p","reportingInterval":"30s","endpointStatusPathPrefix":"none","failsafeInboundHostPorts":[{"protocol":"tcp","port":22,"net":"198.51.100.0/24"}],"failsafeOutboundHostPorts":[],"nftablesMode":"Auto","nftablesFlowTableOffload":"Disabled","bpfLogLevel":"","bpfConnectTimeLoadBalancing":"TCP","bpfHostNetworkedNATWithoutCTLB":"Enabled","floatingIPs":"Disabled"}}',
  },
  {
    manifest:
      'apiVersion: projectcalico.org/v3\nkind: FelixConfiguration\nmetadata: {name: node.web1}\nspec: {logSeverityScreen: Debug, prometheusMetricsEnabled: true, nftablesFilterDenyAction: Reject}\n',
    key: `${PREFIX}felixconfigurations/node.web1`,
    stored:
      '{"kind":"FelixConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"node.web1"},"spec":{"logSeverityScreen":"Debug","prometheusMetricsEnabled":true,"nftablesMode":"Auto","nftablesFlowTableOffload":"Disabled","nftablesFilterDenyAction":"Reject","bpfLogLevel":"","bpfConnectTimeLoadBalancing":"TCP","bpfHostNetworkedNATWithoutCTLB":"Enabled","floatingIPs":"Disabled"}}',
  },
];
