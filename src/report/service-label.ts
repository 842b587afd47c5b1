import { formatPortRange, mergePorts } from '../net/port.ts';
import { protocolName } from '../net/protocol.ts';
import { DISCOVERY } from './services.ts';
import type { ServiceClass } from './services.ts';

/** Services as people write them: `TCP 80, 443; UDP 53`. */
export function serviceLabel(classes: readonly ServiceClass[]): string {
  if (classes.some(({ protocol }) => protocol === 'other')) return 'everything else';
  const byProtocol = new Map<string, ServiceClass[]>();
  for (const one of classes) {
    const name = protocolName(Number(one.protocol));
    byProtocol.set(name, [...(byProtocol.get(name) ?? []), one]);
  }
  return Array.from(byProtocol, ([name, members]) => ofProtocol(name, members)).join('; ');
}

function ofProtocol(name: string, classes: readonly ServiceClass[]): string {
  const named = classes.filter(({ isNamed }) => isNamed);
  const words = [
    ...mergePorts(named.flatMap(({ ports }) => (ports === null ? [] : [ports]))).map(
      formatPortRange,
    ),
    ...icmpWords(named),
    ...(named.length < classes.length ? [named.length === 0 ? '' : 'others'] : []),
  ].filter((word) => word !== '');
  const isRest = named.length === 0 && classes.some((one) => !one.isNamed);
  return isRest ? `other ${name}` : [name, words.join(', ')].join(' ').trim();
}

function icmpWords(classes: readonly ServiceClass[]): readonly string[] {
  const types = classes.flatMap(({ icmpType }) => (typeof icmpType === 'number' ? [icmpType] : []));
  const isIcmp6 = classes.some(({ protocol }) => protocol === 58);
  const hasDiscovery = isIcmp6 && DISCOVERY.every((one) => types.includes(one));
  const shown = hasDiscovery ? types.filter((one) => !DISCOVERY.includes(one)) : types;
  return [
    ...(shown.length === 0 ? [] : [`type ${shown.join(', ')}`]),
    ...(hasDiscovery ? ['neighbour discovery'] : []),
  ];
}
