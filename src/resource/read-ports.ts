import { mergePorts } from '../net/port.ts';
import { quoteText } from './describe-value.ts';
import { MAX_PORTS } from './limits.ts';
import { isPortName } from './names.ts';
import { losePart, refuseRule } from './rule-reading.ts';
import type { RuleReading } from './rule-reading.ts';
import type { PortList, PortRange } from './rule.ts';

/** `ports` or `notPorts` of one side; null when absent or empty. */
export function readPorts(
  field: string,
  stored: readonly (number | string)[] | undefined,
  reading: RuleReading,
): PortList | null {
  if (stored === undefined || stored.length === 0) return null;
  if (stored.length > MAX_PORTS) {
    const what = `There are ${stored.length} ports; at most ${MAX_PORTS} are honoured in one list. Use ranges, or several rules.`;
    losePart(reading, 'too-many-ports', field, what);
    return null;
  }
  const numeric: PortRange[] = [];
  const named = new Set<string>();
  for (const [index, item] of stored.entries()) {
    const range = portRange(item);
    const advice = portAdvice(item, range);
    if (advice !== null) refuseRule(reading, 'port-invalid', `${field}[${index}]`, advice);
    else if (range !== null) numeric.push(range);
    else named.add(String(item));
  }
  return { numeric: mergePorts(numeric), named: [...named] };
}

/** The ports that a decoded item stands for; null for a named port. */
export function portRange(item: number | string): PortRange | null {
  if (typeof item === 'number') return { from: item, to: item };
  const [, from, to] = /^(\d+):(\d+)$/.exec(item) ?? [];
  return from === undefined ? null : { from: Number(from), to: Number(to) };
}

/** What to write instead of this port; null when it is fine. */
export function portAdvice(item: number | string, range: PortRange | null): string | null {
  if (range !== null) {
    return range.from > 0 ? null : 'Port 0 does not exist; ports go from 1 to 65535.';
  }
  const text = String(item);
  if (isPortName(text)) return null;
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from !== undefined) return `A range is written with a colon: "${from}:${to ?? ''}".`;
  return (
    `${quoteText(text)} cannot be the name of a port; a name has up to 15 lower-case letters, digits ` +
    'and single dashes, at least one letter, such as "http".'
  );
}
