import { isIPv4, isIPv6 } from 'node:net';
import type { Family, SetDeclaration } from '../ruleset/ruleset.ts';
import { checkNumber, refuse } from './refuse.ts';
import type { Element, PrefixValue } from './schema.ts';

/**
 * An element as libnftables wants it: an address, a prefix (interval sets), or a triple whose protocol is
 * a number (names would need /etc/protocols). Throws NftablesError `invalid`; nft itself would ask DNS.
 */
export function encodeElement(set: SetDeclaration, element: string): Element {
  switch (set.kind) {
    case 'hash':
      return checkAddress(set.family, element);
    case 'interval':
      return encodeNet(set.family, element);
    case 'named-port':
      return { concat: splitTriple(set.family, element) };
  }
}

/** JSON text of `encodeElement(set, element)`, without building it: large sets have hundreds of thousands. */
export function elementText(set: SetDeclaration, element: string): string {
  switch (set.kind) {
    case 'hash':
      return `"${checkAddress(set.family, element)}"`;
    case 'interval': {
      const slash = element.indexOf('/');
      if (slash < 0) return `"${checkAddress(set.family, element)}"`;
      const addr = checkAddress(set.family, element.slice(0, slash));
      return `{"prefix":{"addr":"${addr}","len":${readLength(set.family, element, slash)}}}`;
    }
    case 'named-port': {
      const [addr, protocol, port] = splitTriple(set.family, element);
      return `{"concat":["${addr}",${protocol},${port}]}`;
    }
  }
}

/** An address or CIDR of the family. */
export function encodeNet(family: Family, net: string): string | PrefixValue {
  const slash = net.indexOf('/');
  if (slash < 0) return checkAddress(family, net);
  const addr = checkAddress(family, net.slice(0, slash));
  return { prefix: { addr, len: readLength(family, net, slash) } };
}

/** Refuses text that is not an address of the family. */
export /** The text, if it is an address of the family. */
function checkAddress(family: Family, text: string): string {
  const valid = family === 4 ? isIPv4(text) : isIPv6(text) && !text.includes('%');
  return valid ? text : refuse(`"${text}" is not an IPv${family} address`);
}

function readLength(family: Family, net: string, slash: number): number {
  const digits = net.slice(slash + 1);
  if (!/^\d{1,3}$/.test(digits)) refuse(`"${net}": the prefix length is not a number`);
  return checkNumber(`prefix length of ${net}`, Number(digits), { high: family === 4 ? 32 : 128 });
}

/** The parts of a triple. */
export function splitTriple(family: Family, element: string): readonly [string, number, number] {
  const parts = /^(\S+) \. (\d{1,3}) \. (\d{1,5})$/.exec(element);
  const [, addr = '', protocol, port] =
    parts ?? refuse(`"${element}" is not written "address . protocol number . port"`);
  return [
    checkAddress(family, addr),
    checkNumber(`protocol of "${element}"`, Number(protocol), { high: 255 }),
    checkNumber(`port of "${element}"`, Number(port), { high: 65_535 }),
  ];
}
