import { parseAddress } from '../../../src/net/address.ts';
import { protocolNumber } from '../../../src/net/protocol.ts';
import { usageError } from '../ctl-error.ts';

/** nft's match for `tcp 198.51.100.10 10.0.0.1:22`; `any` stands for anything. Empty: every packet. */
export function traceMatch(words: readonly string[]): string {
  const [protocol = 'any', source = 'any', destination = 'any', ...more] = words;
  if (more.length > 0)
    throw usageError('write a protocol, a source and a destination, or any for either');
  return [...protocolMatch(protocol), ...endMatch('s', source), ...endMatch('d', destination)].join(
    ' ',
  );
}

function protocolMatch(word: string): readonly string[] {
  if (word === 'any') return [];
  const number = /^\d+$/.test(word) ? Number(word) : protocolNumber(word);
  if (number === null || number > 255)
    throw usageError(`"${word}" is no protocol: write tcp, udp, icmp, icmpv6, sctp or a number`);
  return [`meta l4proto ${number}`];
}

function endMatch(side: 's' | 'd', word: string): readonly string[] {
  if (word === 'any') return [];
  const [, bracketed, plain, port] =
    /^(?:\[([^\]]+)\]|([^:]+|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(word) ?? [];
  const text = bracketed ?? plain ?? '';
  const address = text === 'any' ? null : parseAddress(text);
  if (text !== 'any' && address === null)
    throw usageError(
      `"${word}" is no address: write 10.0.0.1, 10.0.0.1:22, [2001:db8::1]:443 or any`,
    );
  const family = address?.family === 6 ? 'ip6' : 'ip';
  return [
    ...(address === null ? [] : [`${family} ${side}addr ${address.text}`]),
    ...(port === undefined ? [] : [`th ${side}port ${port}`]),
  ];
}
