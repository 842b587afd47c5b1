const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const POLICY_NAME = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)?$/;
const KUBERNETES_POLICY_NAME = /^(?:knp|ossg)\.default\.(.*)$/s;
const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const LABEL_PART = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Longest name of an object, in characters. */
export const MAX_NAME = 253;

/** Whether the text is a name by Calico's general rule: a lower-case DNS subdomain. */
export function isObjectName(text: string): boolean {
  return text.length <= MAX_NAME && SUBDOMAIN.test(text);
}

/** Whether a GlobalNetworkPolicy may be called so: one DNS label, or two with a dot. */
export function isGlobalPolicyName(text: string): boolean {
  return text.length <= MAX_NAME && POLICY_NAME.test(text);
}

/** Whether a NetworkPolicy may be called so; those copied from Kubernetes have a prefix of their own. */
export function isPolicyName(text: string): boolean {
  if (isGlobalPolicyName(text)) return true;
  const [, copied] = text.length <= MAX_NAME ? (KUBERNETES_POLICY_NAME.exec(text) ?? []) : [];
  return copied !== undefined && isObjectName(copied);
}

/** Whether a tier may be called so: one DNS label. */
export function isTierName(text: string): boolean {
  return text.length <= 63 && LABEL.test(text);
}

/** Whether the text is a Kubernetes port name: at most 15 of `a-z0-9-`, a letter among them. */
export function isPortName(text: string): boolean {
  return text.length <= 15 && LABEL.test(text) && /[a-z]/.test(text) && !text.includes('--');
}

/** Whether the text is a Kubernetes qualified name: `[<dns subdomain>/]<up to 63 characters>`. */
export function isLabelKey(text: string): boolean {
  const slash = text.indexOf('/');
  const name = text.slice(slash + 1);
  return (
    (slash < 0 || isObjectName(text.slice(0, slash))) && name.length <= 63 && LABEL_PART.test(name)
  );
}

/** Whether the text may be the value of a label. */
export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && LABEL_PART.test(text));
}

/** Whether the text names one interface, or all of them with `*`. */
export function isInterfaceName(text: string): boolean {
  return text === '*' || /^[a-zA-Z0-9_.-]{1,15}$/.test(text);
}

/** Whether Felix takes the text for the name of a profile or port when it reads an endpoint. */
export function isReadableName(text: string): boolean {
  return /^[a-zA-Z0-9_.-]{1,128}$/.test(text);
}
