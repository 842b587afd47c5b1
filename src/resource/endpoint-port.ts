import { isExactProtocolName, protocolName, protocolNumber } from '../net/protocol.ts';
import type { Findings, Refuse } from './findings.ts';
import { isPortName, isReadableName } from './names.ts';
import type { EndpointPort } from './resource.ts';
import { portNumber, protocol, string, struct, always } from './schema.ts';
import type { Infer } from './schema.ts';

/** Calico's EndpointPort. */
export const endpointPortSchema = struct({
  name: always(string),
  protocol: always(protocol),
  port: always(portNumber),
});

/** A named port of an endpoint as stored. */
export type StoredEndpointPort = Infer<typeof endpointPortSchema>;

/**
 * Named ports as Calico's agent reads them: null when one of them makes it drop the endpoint. It takes
 * only the names of TCP, UDP and SCTP; their numbers, which calicoctl accepts, are honoured as well.
 */
export function readEndpointPorts(
  stored: readonly StoredEndpointPort[],
  findings: Findings,
): readonly EndpointPort[] | null {
  const ports: EndpointPort[] = [];
  for (const [index, item] of stored.entries()) {
    const port = readEndpointPort(item, `spec.ports[${index}]`, findings);
    if (port !== null) ports.push(port);
  }
  return ports.length === stored.length ? ports : null;
}

function readEndpointPort(
  stored: StoredEndpointPort,
  field: string,
  findings: Findings,
): EndpointPort | null {
  const { name = '', port = 0 } = stored;
  const number = endpointProtocol(stored.protocol);
  if (number === null) {
    const message =
      'A named port needs protocol TCP, UDP or SCTP. Until then the endpoint is ignored.';
    findings.error('protocol-invalid', `${field}.protocol`, message);
  } else if (typeof stored.protocol === 'number') {
    const message = `Felix ignores endpoints whose ports have a protocol number; write ${protocolName(number).toUpperCase()}.`;
    findings.warn('protocol-number', `${field}.protocol`, message);
  }
  const nameFits = isReadableName(name);
  if (!nameFits) {
    const message = 'A named port needs a name such as "http". Until then the endpoint is ignored.';
    findings.error('port-invalid', `${field}.name`, message);
  }
  if (port === 0) {
    const message =
      'A named port needs a port from 1 to 65535. Until then the endpoint is ignored.';
    findings.error('port-invalid', `${field}.port`, message);
  }
  return number !== null && nameFits && port > 0 ? { name, protocol: number, port } : null;
}

// 6, 17 or 132 when named ports may have this protocol.
function endpointProtocol(stored: number | string | undefined): number | null {
  const number = typeof stored === 'string' ? protocolNumber(stored) : (stored ?? null);
  return number === 6 || number === 17 || number === 132 ? number : null;
}

/** Calico's write-time rules for a named port of an endpoint. */
export function validateEndpointPort(
  item: StoredEndpointPort,
  field: string,
  refuse: Refuse,
): void {
  if (!isPortName(item.name ?? '')) {
    const message =
      'A named port needs a name of up to 15 lower-case letters, digits and single dashes, such as "http".';
    refuse('port-invalid', `${field}.name`, message);
  }
  const { protocol } = item;
  const exact = typeof protocol !== 'string' || isExactProtocolName(protocol);
  if (!exact || endpointProtocol(protocol) === null) {
    refuse('protocol-invalid', `${field}.protocol`, 'Write TCP, UDP or SCTP.');
  }
  if ((item.port ?? 0) === 0)
    refuse('port-invalid', `${field}.port`, 'Write a port from 1 to 65535.');
}
