import { formatFailsafePorts } from '../net/failsafe.ts';
import type { FailsafePort } from '../net/failsafe.ts';
import { parseNet } from '../net/cidr.ts';
import { protocolNumber } from '../net/protocol.ts';
import { parseSelector } from '../selector/parse.ts';
import type { Selector } from '../selector/selector.ts';
import { quoteText } from './describe-value.ts';
import { validateFelixValues } from './felix-values.ts';
import { felixSchema, PARAMETER_NAMES } from './felix-schema.ts';
import type { StoredFailsafePort, StoredFelixSpec } from './felix-schema.ts';
import type { Findings, Refuse } from './findings.ts';
import { durationSeconds } from './go-duration.ts';
import type { KindDefinition, ReadInput, WriteInput } from './kind-definition.ts';
import { netAdvice } from './net-advice.ts';
import type { FelixConfiguration } from './resource.ts';
import { isRecord } from './schema.ts';
import type { FieldType } from './schema.ts';
import { selectorAdvice } from './selector-advice.ts';
import { isTimestamp } from './timestamp.ts';
import { validateSelector } from './validate-entity.ts';

type Fields = (typeof felixSchema)['fields'];

/** FelixConfiguration: settings for all hosts, for those that a nodeSelector selects, or for one. */
export const felixConfigurationKind: KindDefinition<Fields> = {
  spec: felixSchema,
  read,
  validate,
  complete: (object) => ({ ...object, spec: { ...DEFAULTS, ...object.spec } }),
};

// What Calico's CRD makes the writer store for fields that the user did not give (v3.32).
const DEFAULTS: StoredFelixSpec = {
  nftablesMode: 'Auto',
  nftablesFlowTableOffload: 'Disabled',
  bpfConnectTimeLoadBalancing: 'TCP',
  bpfHostNetworkedNATWithoutCTLB: 'Enabled',
  floatingIPs: 'Disabled',
};

function read(input: ReadInput<Fields>): FelixConfiguration | null {
  const { id, metadata, spec, findings } = input;
  const nodeSelector = readNodeSelector(spec.nodeSelector ?? '', findings);
  if (nodeSelector === 'invalid') return null;
  const parameters = new Map<string, string>();
  for (const [name, value] of Object.entries(spec)) {
    if (name === 'nodeSelector') continue;
    const type: FieldType | undefined = (felixSchema.fields as Record<string, FieldType>)[name];
    const text = type === undefined ? null : parameterText(name, type, value, findings);
    if (text !== null && text !== '') parameters.set(parameterName(name), text);
  }
  mergeAnnotations(metadata.annotations ?? {}, parameters);
  const time = metadata.creationTimestamp;
  return {
    ...id,
    kind: 'FelixConfiguration',
    nodeSelector,
    creationTimestamp: typeof time === 'string' && isTimestamp(time) ? time : '',
    parameters,
  };
}

function readNodeSelector(text: string, findings: Findings): Selector | null | 'invalid' {
  if (text === '') return null;
  const result = parseSelector(text);
  if (result.ok) return result.value;
  const advice = selectorAdvice({ ...result.error, field: 'nodeSelector', text });
  const message = `${advice} Until then the configuration is ignored.`;
  findings.error('selector-invalid', 'spec.nodeSelector', message);
  return 'invalid';
}

function parameterName(field: string): string {
  return PARAMETER_NAMES.get(field) ?? field.toLowerCase();
}

// Felix's own text form; null for what has none here.
function parameterText(
  name: string,
  type: FieldType,
  value: unknown,
  findings: Findings,
): string | null {
  if (name.startsWith('failsafe')) return failsafeText(name, value, findings);
  if (type.kind === 'opaque') return null;
  if (type.kind === 'duration') return durationText(name, String(value));
  return plainText(value);
}

function plainText(value: unknown): string | null {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) return listText(value);
  if (!isRecord(value)) return null;
  const { min, max, name, timeout } = value;
  if (typeof min === 'number' && typeof max === 'number') return `${min}-${max}`;
  if (typeof name === 'string' && typeof timeout === 'string') return `${name}=${timeout}`;
  return listText(Object.entries(value).map(([key, item]) => `${key}=${plainText(item) ?? ''}`));
}

function listText(items: readonly unknown[]): string {
  return items.map((item) => plainText(item) ?? '').join(',');
}

function durationText(name: string, text: string): string {
  const seconds = durationSeconds(text) ?? 0;
  return String(name === 'iptablesLockProbeInterval' ? Math.trunc(seconds * 1000) : seconds);
}

// One unreadable entry unsets the whole list: the ports of the next source then stay open, not none.
function failsafeText(name: string, value: unknown, findings: Findings): string | null {
  const stored = value as readonly StoredFailsafePort[];
  const ports: FailsafePort[] = [];
  for (const [index, item] of stored.entries()) {
    const port = readFailsafePort(item, `spec.${name}[${index}]`, (code, field, message) => {
      findings.error(code, field, `${message} Until then the whole list is ignored.`);
    });
    if (port !== null) ports.push(port);
  }
  return ports.length === stored.length ? formatFailsafePorts(ports) : null;
}

function readFailsafePort(
  stored: StoredFailsafePort,
  field: string,
  refuse: Refuse,
): FailsafePort | null {
  const protocol = readFailsafeProtocol(stored.protocol ?? '', field, refuse);
  const peer = readFailsafePeer(stored.net ?? '', field, refuse);
  if (protocol === null || peer === null) return null;
  return { protocol, net: peer.net, port: stored.port ?? 0 };
}

function readFailsafeProtocol(
  text: string,
  field: string,
  refuse: Refuse,
): FailsafePort['protocol'] | null {
  const protocol = text === '' ? 6 : protocolNumber(text);
  if (protocol === 6 || protocol === 17 || protocol === 132) return protocol;
  refuse(
    'protocol-invalid',
    `${field}.protocol`,
    `${quoteText(text)} has no ports; write TCP, UDP or SCTP.`,
  );
  return null;
}

function readFailsafePeer(
  text: string,
  field: string,
  refuse: Refuse,
): { readonly net: string | null } | null {
  const net = text === '' ? null : parseNet(text);
  if (net !== null || text === '') return { net: net?.text ?? null };
  refuse('net-invalid', `${field}.net`, netAdvice(text));
  return null;
}

const ANNOTATION = 'config.projectcalico.org/';

function mergeAnnotations(
  annotations: Readonly<Record<string, string>>,
  parameters: Map<string, string>,
): void {
  for (const [key, value] of Object.entries(annotations)) {
    if (key.startsWith(ANNOTATION))
      parameters.set(key.slice(ANNOTATION.length).toLowerCase(), value);
  }
}

function validate({ spec }: WriteInput<Fields>, refuse: Refuse): void {
  validateSelector('spec.nodeSelector', spec.nodeSelector ?? '', refuse);
  for (const name of ['failsafeInboundHostPorts', 'failsafeOutboundHostPorts'] as const) {
    for (const [index, item] of (spec[name] ?? []).entries()) {
      readFailsafePort(item, `spec.${name}[${index}]`, refuse);
    }
  }
  validateFelixValues(spec, refuse);
}
