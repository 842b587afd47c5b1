import { quoteText } from './describe-value.ts';
import type { Refuse } from './findings.ts';
import { API_VERSION, isKind, KINDS } from './identify.ts';
import { suggestName } from './suggest-name.ts';

/** Calico's kinds that no host needs for its policies. */
const OTHER_KINDS: ReadonlySet<string> = new Set([
  'BGPConfiguration',
  'BGPFilter',
  'BGPPeer',
  'BlockAffinity',
  'CalicoNodeStatus',
  'IPAMConfig',
  'IPAMConfiguration',
  'IPPool',
  'IPReservation',
  'KubeControllersConfiguration',
  'LiveMigration',
]);

const KUBERNETES_POLICIES: ReadonlySet<string> = new Set([
  'networking.k8s.io',
  'policy.networking.k8s.io',
  'extensions',
]);

/** Whether the kind is Calico's, but not one that is read here. */
export function isOtherCalicoKind(apiVersion: string, kind: string): boolean {
  return apiVersion === API_VERSION && OTHER_KINDS.has(kind);
}

/** Says what a manifest is when it is not an object of a kind that is read, and what to write instead. */
export function explainForeign(apiVersion: string, kind: string, refuse: Refuse): void {
  if (apiVersion === '' || kind === '') {
    const field = apiVersion === '' ? 'apiVersion' : 'kind';
    const message = `There is no ${field}; write apiVersion: ${API_VERSION} and a kind such as GlobalNetworkPolicy.`;
    refuse('not-a-resource', field, message);
  } else if (apiVersion === API_VERSION) {
    refuse('kind-unknown', 'kind', kindAdvice(kind));
  } else {
    refuse('api-version-foreign', 'apiVersion', apiVersionAdvice(apiVersion, kind));
  }
}

function kindAdvice(kind: string): string {
  if (kind.endsWith('List')) return `${quoteText(kind)} needs a list of objects in "items".`;
  const meant = suggestName(kind, Object.keys(KINDS));
  const hint =
    meant === null ? `possible are ${Object.keys(KINDS).join(', ')}` : `did you mean ${meant}?`;
  return `Calico has no kind ${quoteText(kind)}; ${hint}`;
}

function apiVersionAdvice(apiVersion: string, kind: string): string {
  const [group = ''] = apiVersion.split('/');
  if (KUBERNETES_POLICIES.has(group)) {
    return (
      `This is a ${kind} of Kubernetes, which governs pods, not hosts; for hosts write apiVersion: ` +
      `${API_VERSION}, kind: GlobalNetworkPolicy, with a selector for the labels of the HostEndpoints.`
    );
  }
  if (group === 'crd.projectcalico.org') {
    return `This is the form in which Calico stores the object in Kubernetes; write apiVersion: ${API_VERSION}.`;
  }
  if (group === 'projectcalico.org') {
    return `There is no version ${quoteText(apiVersion)}; write apiVersion: ${API_VERSION}.`;
  }
  if (apiVersion === 'v1' && isKind(kind.charAt(0).toUpperCase() + kind.slice(1))) {
    return `This is the format of Calico 2; convert it with "calicoctl convert", or write apiVersion: ${API_VERSION}.`;
  }
  if (apiVersion === 'v1' && kind === 'policy') {
    return `This is a policy of Calico 2; convert it with "calicoctl convert" into a GlobalNetworkPolicy.`;
  }
  return (
    `${quoteText(kind)} of ${quoteText(apiVersion)} is not Calico's; only objects with apiVersion: ` +
    `${API_VERSION} are read. Take it out.`
  );
}
