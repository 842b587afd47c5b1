/** A stored object and what becomes of it: present, absent, or no object of ours at all. */
export interface StoredSample {
  readonly key: string;
  readonly value: string;
  readonly outcome: 'present' | 'absent' | 'ignored';
  /** `<severity> <code> <field>` of every problem. */
  readonly problems: readonly string[];
}

const PREFIX = '/calico/resources/v3/projectcalico.org/';

/** One coherent store, written by several versions of Calico. */
export const STORED_SAMPLES: readonly StoredSample[] = [
  {
    key: `${PREFIX}clusterinformations/default`,
    value:
      '{"kind":"ClusterInformation","apiVersion":"projectcalico.org/v3","metadata":{"name":"default"},"spec":{"clusterGUID":"5f0c2e7d9b1a4c3e8d6f7a8b9c0d1e2f","clusterType":"k8s,bgp","calicoVersion":"v3.32.1","datastoreReady":true}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}felixconfigurations/default`,
    value:
      '{"kind":"FelixConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"default","annotations":{"config.projectcalico.org/LogSeverityScreen":"Warning"}},"spec":{"failsafeInboundHostPorts":[{"protocol":"TCP","port":22,"net":"192.0.2.0/24"},{"protocol":"TCP","port":22,"net":"2001:db8:10::/48"},{"protocol":"UDP","port":68}],"failsafeOutboundHostPorts":[{"protocol":"UDP","port":53},{"protocol":"TCP","port":2379},{"protocol":"UDP","port":67}],"logPrefix":"cfw","nftablesMode":"Auto","nftablesRefreshInterval":"1m30s"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}felixconfigurations/node.legacy-db-01`,
    value:
      '{"kind":"FelixConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"node.legacy-db-01"},"spec":{"failsafeInboundHostPorts":[]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}felixconfigurations/edge-hosts`,
    value:
      '{"kind":"FelixConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"edge-hosts"},"spec":{"nodeSelector":"role == \'edge\'","nftablesFilterDenyAction":"Reject"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}tiers/kube-admin`,
    value:
      '{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":"kube-admin"},"spec":{"order":1000,"defaultAction":"Pass"},"status":{}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}tiers/default`,
    value:
      '{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":"default"},"spec":{"order":1000000,"defaultAction":"Deny"},"status":{}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}tiers/kube-baseline`,
    value:
      '{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":"kube-baseline"},"spec":{"order":10000000,"defaultAction":"Pass"},"status":{}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}tiers/platform`,
    value:
      '{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":"platform"},"spec":{"order":100,"defaultAction":"Pass"},"status":{}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}tiers/quarantine`,
    value:
      '{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":"quarantine"},"spec":{"order":50,"defaultAction":"Deny"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}nodes/legacy-web-02`,
    value:
      '{"kind":"Node","apiVersion":"projectcalico.org/v3","metadata":{"name":"legacy-web-02","labels":{"role":"edge","site":"ams"}},"spec":{"bgp":{"ipv4Address":"192.0.2.12/24"}},"status":{}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/legacy-db-01-eth0`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"legacy-db-01-eth0","labels":{"role":"db","env":"prod","site":"ams"}},"spec":{"node":"legacy-db-01","interfaceName":"eth0","expectedIPs":["192.0.2.11","2001:db8:10::11"],"profiles":["bare-metal-base"],"ports":[{"name":"pg","protocol":"TCP","port":5432},{"name":"metrics","protocol":"TCP","port":9187}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/legacy-web-02-all`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"legacy-web-02-all","labels":{"role":"edge","env":"prod","site":"ams"}},"spec":{"node":"legacy-web-02","interfaceName":"*","expectedIPs":["192.0.2.12"],"profiles":["projectcalico-default-allow"],"ports":[{"name":"http","protocol":"TCP","port":80},{"name":"http","protocol":"TCP","port":8080}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/legacy-app-03-by-ip`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"legacy-app-03-by-ip","labels":{"role":"app","env":"stage"}},"spec":{"node":"legacy-app-03","expectedIPs":["198.51.100.23","2001:db8:20::23"],"ports":[{"name":"http","protocol":"TCP","port":8081},{"name":"dns","protocol":"UDP","port":53}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/legacy-bk-04-bond0.120`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"legacy-bk-04-bond0.120","labels":{"role":"backup"}},"spec":{"node":"legacy-bk-04","interfaceName":"bond0.120"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}hostendpoints/kw-1-auto-hep`,
    value:
      '{"kind":"HostEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"kw-1-auto-hep","labels":{"kubernetes.io/hostname":"kw-1","node-role.kubernetes.io/worker":"","projectcalico.org/created-by":"calico-kube-controllers"}},"spec":{"node":"kw-1","interfaceName":"*","expectedIPs":["192.0.2.21","10.244.7.0"],"profiles":["projectcalico-default-allow"]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/allow-ssh`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"allow-ssh","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"allow-ssh\\"}"}},"spec":{"tier":"default","order":100,"selector":"has(role)","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"nets":["192.0.2.0/24"]},"destination":{"ports":[22]}},{"action":"Allow","protocol":"TCP","source":{"nets":["2001:db8:10::/48"]},"destination":{"ports":[22]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/hosts-default-deny`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"hosts-default-deny","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"hosts-default-deny\\"}"}},"spec":{"tier":"default","selector":"role in {\\"app\\", \\"db\\", \\"edge\\"}","types":["Ingress","Egress"]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/block-scanners-early`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"block-scanners-early","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"block-scanners-early\\"}"}},"spec":{"tier":"default","order":10,"selector":"role == \'edge\'","types":["Ingress"],"preDNAT":true,"applyOnForward":true,"ingress":[{"action":"Deny","source":{"selector":"threat == \'scanner\'"}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/dns-untracked`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"dns-untracked","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"dns-untracked\\"}"}},"spec":{"tier":"default","order":5,"selector":"has(role) && role != \'backup\'","types":["Ingress","Egress"],"doNotTrack":true,"applyOnForward":true,"ingress":[{"action":"Allow","protocol":"UDP","source":{"ports":[53]}}],"egress":[{"action":"Allow","protocol":"UDP","destination":{"ports":[53]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/gateway-forward`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"gateway-forward","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"gateway-forward\\"}"}},"spec":{"tier":"default","order":200,"selector":"role == \'edge\'","types":["Ingress","Egress"],"applyOnForward":true,"ingress":[{"action":"Allow","protocol":"TCP","destination":{"selector":"role == \'app\'","ports":["http"]}}],"egress":[{"action":"Allow"}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/triage`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"triage","labels":{"projectcalico.org/tier":"platform"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"triage\\"}"}},"spec":{"tier":"platform","order":10,"selector":"all()","types":["Ingress","Egress"],"ingress":[{"action":"Pass","source":{"selector":"site == \'ams\'"}},{"action":"Deny","source":{"selector":"threat == \'botnet\'"}}],"egress":[{"action":"Pass"}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/named-ports`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"named-ports","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"named-ports\\"}"}},"spec":{"tier":"default","order":300,"selector":"role in {\'db\', \'app\'}","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"selector":"role == \'edge\'"},"destination":{"ports":["pg",8443,"9000:9010"]}},{"action":"Allow","destination":{"ports":["metrics","dns"]}},{"action":"Allow","protocol":"UDP","destination":{"notPorts":["dns"]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/icmp-baseline`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"icmp-baseline","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"icmp-baseline\\"}"}},"spec":{"tier":"default","order":50,"selector":"has(role)","types":["Ingress"],"ingress":[{"action":"Allow","ipVersion":4,"protocol":"ICMP","icmp":{"type":8,"code":0}},{"action":"Allow","protocol":"ICMP","icmp":{"type":3}},{"action":"Allow","ipVersion":6,"protocol":"ICMPv6","notICMP":{"type":137}},{"action":"Deny","protocol":58}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/log-then-drop-telnet`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"log-then-drop-telnet","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"log-then-drop-telnet\\"}"}},"spec":{"tier":"default","order":60,"selector":"env == \'prod\'","types":["Ingress"],"ingress":[{"action":"Log","protocol":"TCP","destination":{"ports":[23]}},{"action":"Deny","protocol":"TCP","destination":{"ports":[23]},"metadata":{"annotations":{"acme.example/ticket":"SEC-412"}}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/negations`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"negations","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"negations\\"}"}},"spec":{"tier":"default","order":70.5,"selector":"role == \'db\'","types":["Ingress","Egress"],"ingress":[{"action":"Deny","notProtocol":"TCP","source":{"notNets":["192.0.2.0/24","198.51.100.0/24"]}},{"action":"Deny","protocol":"TCP","source":{"notSelector":"env == \'prod\'"},"destination":{"notPorts":[22,"5432:5433"]}}],"egress":[{"action":"Allow","protocol":"TCP","destination":{"selector":"has(role)","notSelector":"role == \'edge\'"}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/pods-and-globals`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"pods-and-globals","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"pods-and-globals\\"}"}},"spec":{"tier":"default","order":400,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"namespaceSelector":"env == \'prod\'","selector":"app == \'orders\'"},"destination":{"ports":["pg"]}},{"action":"Allow","protocol":"TCP","source":{"namespaceSelector":"all()"},"destination":{"ports":[8080]}},{"action":"Allow","protocol":"TCP","source":{"namespaceSelector":"global()","selector":"feed == \'partners\'"},"destination":{"ports":[443]}},{"action":"Allow","protocol":"TCP","source":{"namespaceSelector":"projectcalico.org/name in {\'shop\', \'billing\'}"},"destination":{"ports":[9000]}},{"action":"Allow","protocol":"TCP","source":{"namespaceSelector":"env != \'prod\'"},"destination":{"ports":[9001]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/service-accounts`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"service-accounts","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"service-accounts\\"}"}},"spec":{"tier":"default","order":410,"selector":"role == \'db\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"serviceAccounts":{"names":["orders","reporting"],"selector":"team == \'data\'"}},"destination":{"ports":[5432]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/family-split`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"family-split","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"family-split\\"}"}},"spec":{"tier":"default","order":420,"selector":"role == \'app\'","types":["Egress"],"egress":[{"action":"Allow","ipVersion":4,"protocol":"TCP","destination":{"ports":[443]}},{"action":"Deny","ipVersion":6},{"action":"Allow","protocol":132,"destination":{"ports":[2905]}},{"action":"Allow","protocol":47},{"action":"Allow","protocol":"UDPLite"}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/all-port-forms`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"all-port-forms","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"all-port-forms\\"}"}},"spec":{"tier":"default","order":430,"selector":"role == \'app\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":6,"source":{"ports":["1024:65535"]},"destination":{"ports":[80,443,"8000:8099","http"],"notPorts":[8088,"metrics"]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/pods-only`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"pods-only","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"pods-only\\"}"}},"spec":{"tier":"default","order":440,"selector":"tier == \'web\'","namespaceSelector":"env == \'prod\'","types":["Egress"],"egress":[{"action":"Deny","destination":{"selector":"role == \'backup\'"}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/preload-feed`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"preload-feed","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"preload-feed\\"}"}},"spec":{"tier":"default","order":900,"selector":"role == \'edge\'","types":["Ingress"],"performanceHints":["AssumeNeededOnEveryNode"],"ingress":[{"action":"Deny","source":{"selector":"threat == \'botnet\'"}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/default.allow-dns`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"default.allow-dns","annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"allow-dns\\"}"}},"spec":{"order":110,"selector":"has(role)","types":["Egress"],"egress":[{"action":"Allow","protocol":"UDP","source":{},"destination":{"ports":[53]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/default.allow-ntp`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"default.allow-ntp"},"spec":{"order":110,"selector":"has(role)","types":["Egress"],"egress":[{"action":"Allow","protocol":"UDP","source":{},"destination":{"ports":[123]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworkpolicies/platform.block-smb`,
    value:
      '{"kind":"GlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"platform.block-smb","labels":{"projectcalico.org/tier":"platform"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"platform.block-smb\\"}"}},"spec":{"tier":"platform","order":20,"selector":"has(role)","types":["Ingress"],"ingress":[{"action":"Deny","protocol":"TCP","source":{},"destination":{"ports":[139,445]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}stagedglobalnetworkpolicies/tighten-ssh`,
    value:
      '{"kind":"StagedGlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"tighten-ssh","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"tighten-ssh\\"}"}},"spec":{"stagedAction":"Set","tier":"default","order":90,"selector":"has(role)","types":["Ingress"],"ingress":[{"action":"Deny","protocol":"TCP","destination":{"ports":[22]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}stagedglobalnetworkpolicies/allow-ssh`,
    value:
      '{"kind":"StagedGlobalNetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"allow-ssh","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"allow-ssh\\"}"}},"spec":{"stagedAction":"Delete","tier":"default"}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworksets/scanner-feed`,
    value:
      '{"kind":"GlobalNetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"scanner-feed","labels":{"threat":"scanner","feed":"internal"}},"spec":{"nets":["203.0.113.0/25","203.0.113.200","2001:db8:bad::/48"]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworksets/partners`,
    value:
      '{"kind":"GlobalNetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"partners","labels":{"feed":"partners"}},"spec":{"nets":["198.51.100.130/25","198.51.100.128/26"]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}globalnetworksets/botnet-empty`,
    value:
      '{"kind":"GlobalNetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"botnet-empty","labels":{"threat":"botnet"}},"spec":{}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}networksets/shop/shop-saas`,
    value:
      '{"kind":"NetworkSet","apiVersion":"projectcalico.org/v3","metadata":{"name":"shop-saas","namespace":"shop","labels":{"app":"orders","feed":"saas"}},"spec":{"nets":["203.0.113.128/26"]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}profiles/bare-metal-base`,
    value:
      '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"bare-metal-base"},"spec":{"ingress":[{"action":"Allow","protocol":"ICMP"},{"action":"Deny","protocol":"TCP","source":{"nets":["203.0.113.0/24"]}}],"egress":[{"action":"Allow"}],"labelsToApply":{"platform":"bare-metal","env":"unset"}}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}profiles/kns.shop`,
    value:
      '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"kns.shop"},"spec":{"ingress":[{"action":"Allow"}],"egress":[{"action":"Allow"}],"labelsToApply":{"pcns.env":"prod","pcns.kubernetes.io/metadata.name":"shop","pcns.projectcalico.org/name":"shop"}}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}profiles/ksa.shop.orders`,
    value:
      '{"kind":"Profile","apiVersion":"projectcalico.org/v3","metadata":{"name":"ksa.shop.orders"},"spec":{"labelsToApply":{"pcsa.team":"data","pcsa.projectcalico.org/name":"orders"}}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}workloadendpoints/shop/kw--1-k8s-frontend--7d4b9-eth0`,
    value:
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"kw--1-k8s-frontend--7d4b9-eth0","generateName":"frontend-","namespace":"shop","labels":{"app":"frontend","tier":"web","projectcalico.org/namespace":"shop","projectcalico.org/orchestrator":"k8s","projectcalico.org/serviceaccount":"default"}},"spec":{"orchestrator":"k8s","node":"kw-1","containerID":"164b69e9f6633a29459b129336aaa040632f973b878547c61134c392554c32ac","pod":"frontend-7d4b9","endpoint":"eth0","serviceAccountName":"default","ipNetworks":["10.244.7.12/32","fd00:10:244:7::c/128"],"profiles":["kns.shop","ksa.shop.default"],"interfaceName":"calic049c791466","mac":"be:2f:9c:00:11:22","ports":[{"name":"http","protocol":"TCP","port":8080,"hostPort":0,"hostIP":""}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}workloadendpoints/shop/kw--2-k8s-orders--0-eth0`,
    value:
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"kw--2-k8s-orders--0-eth0","generateName":"orders-","namespace":"shop","labels":{"app":"orders","pcns.env":"spoofed","projectcalico.org/namespace":"shop","projectcalico.org/orchestrator":"k8s","projectcalico.org/serviceaccount":"orders"}},"spec":{"orchestrator":"k8s","node":"kw-2","containerID":"85d2a9f30000d7baba9eb51a96bde647d5f3e899b05dc22d5b1979daead1e5e3","pod":"orders-0","endpoint":"eth0","serviceAccountName":"orders","ipNetworks":["10.244.9.4/32"],"profiles":["kns.shop","ksa.shop.orders"],"interfaceName":"cali86cb6cb9b55","mac":"be:2f:9c:00:11:22","ports":[{"name":"grpc","protocol":"TCP","port":9090,"hostPort":0,"hostIP":""},{"name":"","protocol":"TCP","port":9091,"hostPort":9091,"hostIP":""}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}workloadendpoints/shop/kw--2-k8s-pending--1-eth0`,
    value:
      '{"kind":"WorkloadEndpoint","apiVersion":"projectcalico.org/v3","metadata":{"name":"kw--2-k8s-pending--1-eth0","generateName":"pending-","namespace":"shop","labels":{"app":"pending","projectcalico.org/namespace":"shop","projectcalico.org/orchestrator":"k8s","projectcalico.org/serviceaccount":"default"}},"spec":{"orchestrator":"k8s","node":"kw-2","containerID":"261f9bdc35b413ccde88b69f4379410af0a2c8231964fe3f043f601c6718fa42","pod":"pending-1","endpoint":"eth0","serviceAccountName":"default","profiles":["kns.shop","ksa.shop.default"],"interfaceName":"calif558dfc7a36","mac":"be:2f:9c:00:11:22"}}',
    outcome: 'absent',
    problems: [],
  },
  {
    key: `${PREFIX}networkpolicies/shop/web-ingress`,
    value:
      '{"kind":"NetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"web-ingress","namespace":"shop","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"web-ingress\\"}"}},"spec":{"tier":"default","order":500,"selector":"tier == \'web\'","types":["Ingress"],"ingress":[{"action":"Allow","protocol":"TCP","source":{"selector":"app == \'orders\'"},"destination":{"ports":[8080]}}]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}networkpolicies/shop/knp.default.deny-all`,
    value:
      '{"kind":"NetworkPolicy","apiVersion":"projectcalico.org/v3","metadata":{"name":"knp.default.deny-all","namespace":"shop","labels":{"projectcalico.org/tier":"default"},"annotations":{"projectcalico.org/metadata":"{\\"name\\":\\"knp.default.deny-all\\"}"}},"spec":{"tier":"default","order":1000,"selector":"projectcalico.org/orchestrator == \'k8s\'","types":["Ingress"]}}',
    outcome: 'present',
    problems: [],
  },
  {
    key: `${PREFIX}kubecontrollersconfigurations/default`,
    value:
      '{"kind":"KubeControllersConfiguration","apiVersion":"projectcalico.org/v3","metadata":{"name":"default"},"spec":{"controllers":{"node":{"hostEndpoint":{"autoCreate":"Disabled"},"reconcilerPeriod":"5m0s","syncLabels":"Enabled"}}},"status":{}}',
    outcome: 'ignored',
    problems: [],
  },
  {
    key: '/calico/ipam/v2/assignment/ipv4/block/10.244.7.0-26',
    value:
      '{"cidr":"10.244.7.0/26","affinity":"host:kw-1","allocations":[0,null],"unallocated":[1],"attributes":[{"handle_id":"ipip-tunnel-addr-kw-1","secondary":{"node":"kw-1","type":"ipipTunnelAddress"}}],"sequenceNumber":1788,"sequenceNumberForAllocation":{"0":1700},"deleted":false}',
    outcome: 'ignored',
    problems: [],
  },
  { key: '/calico/v1/Ready', value: 'true', outcome: 'ignored', problems: [] },
];
