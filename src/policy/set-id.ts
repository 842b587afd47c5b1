import { contentHash } from '../base/hash.ts';
import type { Selector } from './local-policy.ts';

/** The set of all addresses that `selector` selects. Equal canonical text, equal id. */
export function selectorSetId(selector: Selector): string {
  return `s-${contentHash(`s:${selector.text}`)}`;
}

/**
 * The set of (address, protocol, port) of the endpoints that `selector` selects (null: all of them) under
 * the port name `name`; `protocol` null stands for TCP, UDP and SCTP alike.
 */
export function namedPortSetId(
  selector: Selector | null,
  protocol: number | null,
  name: string,
): string {
  return `n-${contentHash(`n:${protocol ?? 'any'}:${name}:${selector?.text ?? 'all()'}`)}`;
}
