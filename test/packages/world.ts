import type { Box } from './box.ts';

/** A port that the policy lets in, with an echo server behind it; and one that it does not, with a server all the same. */
export const ALLOWED = 8081;
export const BLOCKED = 8080;

// With this many rules a policy gets a verdict map.
const REFUSED = [BLOCKED, ...Array.from({ length: 9 }, (_, i) => 9001 + i)];

// With the few modules of python3-minimal.
const SERVER = `import socket, select
ports = [socket.create_server(("0.0.0.0", port)) for port in (${BLOCKED}, ${ALLOWED})]
clients = []
while True:
    for one in select.select(ports + clients, [], [])[0]:
        if one in ports:
            clients.append(one.accept()[0])
            continue
        try:
            data = one.recv(4096)
            one.sendall(data)
        except OSError:
            data = b""
        if not data:
            clients.remove(one)
            one.close()
`;

const POLICY = `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: gw1-host0, labels: {role: gateway}}
spec: {node: gw1, interfaceName: host0, expectedIPs: [10.77.0.1]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: gateway}
spec:
  selector: role == 'gateway'
  types: [Ingress]
  ingress:
    - {action: Allow, protocol: TCP, destination: {ports: [${ALLOWED}]}}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: refused}
spec:
  order: 1
  selector: role == 'gateway'
  types: [Ingress]
  ingress:
${REFUSED.map((port) => `    - {action: Deny, protocol: TCP, destination: {ports: [${port}]}}\n`).join('')}`;

/** Puts servers on both ports, up as early as systemd can, and the manifests of the policy. */
export async function furnish(box: Box): Promise<void> {
  box.write('/root/server.py', SERVER);
  box.write(
    '/etc/systemd/system/servers.service',
    '[Service]\nExecStart=/usr/bin/python3 /root/server.py\nRestart=always\n[Install]\nWantedBy=multi-user.target\n',
  );
  await box.run('systemctl daemon-reload && systemctl enable -q --now servers');
  await box.until('ss -ltn', new RegExp(`:${ALLOWED} `));
}

/** The policy, for the daemon to find. */
export function writePolicy(box: Box): void {
  box.write('/etc/rampart/resources/policy.yaml', POLICY);
}

/** Makes the datastore one that cannot be reached: nothing new is applied. */
export function loseDatastore(box: Box): void {
  box.write('/etc/default/rampart', 'ETCD_ENDPOINTS=http://192.0.2.1:2379\n');
}
