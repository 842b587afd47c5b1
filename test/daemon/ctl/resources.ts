import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory with these files; `remove` takes it away. */
export function directoryOf(files: Readonly<Record<string, string>>): {
  readonly path: string;
  readonly remove: () => void;
} {
  const path = mkdtempSync(join(tmpdir(), 'rampart-ctl-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true });
    },
  };
}

/** A database host on which web servers may open PostgreSQL, and nobody anything else. */
export const HOSTS = `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata:
  name: db-1-eth0
  labels: { role: db }
spec:
  node: db-1
  expectedIPs: [198.51.100.1, 2001:db8:1::1]
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: allow-web
spec:
  selector: role == 'db'
  order: 10
  types: [Ingress]
  ingress:
    - action: Allow
      protocol: TCP
      source: { selector: role == 'web' }
      destination: { ports: [5432] }
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata:
  name: web-only
spec:
  selector: role == 'web'
  types: [Ingress]
  ingress: [{ action: Deny }]
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: { name: web, labels: { role: web } }
spec: { nets: [203.0.113.0/24, '2001:db8:2::/64'] }
`;
