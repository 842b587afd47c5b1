/** One endpoint on lo whose policy refuses UDP port 9 of a network set. */
export const MANIFESTS = `apiVersion: projectcalico.org/v3
kind: HostEndpoint
metadata: {name: edge, labels: {role: edge}}
spec: {node: hosta, interfaceName: lo, profiles: [none]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkSet
metadata: {name: corp, labels: {net: corp}}
spec: {nets: [127.0.0.0/24, 10.0.0.1]}
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: guard}
spec:
  selector: role == "edge"
  ingress:
  - {action: Deny, protocol: UDP, source: {selector: net == "corp"}, destination: {ports: [9]}}
  - {action: Allow}
  egress: [{action: Allow}]
---
apiVersion: projectcalico.org/v3
kind: GlobalNetworkPolicy
metadata: {name: outgoing}
spec:
  selector: role == "edge"
  egress: [{action: Allow}]
`;
