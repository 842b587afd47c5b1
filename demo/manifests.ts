import type { Addition, Edit } from './change.ts';

const HOSTS_FILE = '10-hosts.yaml';
const POLICY_FILE = '20-db-from-app.yaml';
const QUARANTINE_FILE = '30-quarantine.yaml';
const QUARANTINE = 'GlobalNetworkPolicy security-operations.quarantine';

/** db-1's interface under policy, and app-1 known by its label. */
export const HOST_ENDPOINTS: Addition = {
  kind: 'add',
  file: HOSTS_FILE,
  about: 'HostEndpoints db-1-eth0, app-1-eth0',
  text: `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata:
  name: db-1-eth0
  labels:
    role: db
spec:
  node: db-1
  interfaceName: eth0
---
apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata:
  name: app-1-eth0
  labels:
    role: app
spec:
  node: app-1
  interfaceName: eth0
  expectedIPs: ["192.0.2.20", "2001:db8::20"]
`,
};

/** The allow that everything turns on. */
export const DB_FROM_APP: Addition = {
  kind: 'add',
  file: POLICY_FILE,
  about: 'GlobalNetworkPolicy db-from-app',
  text: `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: db-from-app
spec:
  order: 500
  selector: role == "db"
  types: [Ingress, Egress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: role == "app" }
      destination: { ports: [5432] }
  egress:
    - action: Allow
      protocol: TCP
      destination: { selector: role == "app", ports: [8443] }
`,
};

/** The quarantine policy of Calico's talk, as it stands there: no tier, so tier default. */
export const QUARANTINE_POLICY: Addition = {
  kind: 'add',
  file: QUARANTINE_FILE,
  about: QUARANTINE,
  text: `apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: security-operations.quarantine
spec:
  order: 200
  selector: quarantine == "true"
  types:
    - Ingress
    - Egress
  ingress:
    - action: Log
      source: {}
      destination: {}
    - action: Deny
      source: {}
      destination: {}
  egress:
    - action: Log
      source: {}
      destination: {}
    - action: Deny
      source: {}
      destination: {}
`,
};

/** A tier that is asked before tier default (whose order is 1,000,000). */
export const SECURITY_TIER: Addition = {
  kind: 'add',
  file: '05-tiers.yaml',
  about: 'Tier security-operations',
  text: `apiVersion: projectcalico.org/v3
kind: Tier
metadata:
  name: security-operations
spec:
  order: 10
`,
};

/** The same quarantine policy in that tier. */
export const QUARANTINE_IN_TIER: Edit = {
  kind: 'edit',
  file: QUARANTINE_FILE,
  about: QUARANTINE,
  before: 'spec:\n  order: 200\n',
  after: 'spec:\n  tier: security-operations\n  order: 200\n',
};

/** The label that puts db-1 into quarantine. */
export const LABEL: Edit = {
  kind: 'edit',
  file: HOSTS_FILE,
  about: 'HostEndpoint db-1-eth0',
  before: '    role: db\n',
  after: '    role: db\n    quarantine: "true"\n',
};

/** The database moves to another port. */
export const OTHER_PORT: Edit = {
  kind: 'edit',
  file: POLICY_FILE,
  about: DB_FROM_APP.about,
  before: '      destination: { ports: [5432] }\n',
  after: '      destination: { ports: [5433] }\n',
};

/** The allow gets a lower order than the quarantine policy has. */
export const LOWER_ORDER: Edit = {
  kind: 'edit',
  file: POLICY_FILE,
  about: DB_FROM_APP.about,
  before: '  order: 500\n',
  after: '  order: 100\n',
};
