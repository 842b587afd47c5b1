import { parseNet } from '../net/cidr.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;

/**
 * Where the items begin in the inside of a JSON list that holds nothing but texts of address characters, with no
 * space between them; null for anything else. Reads `bytes` from `from` up to, without, `to`; the places count
 * from `from`.
 */
export function plainItems(bytes: Uint8Array, from: number, to: number): readonly number[] | null {
  const starts: number[] = [];
  let at = from;
  while (at < to) {
    if (bytes[at] !== QUOTE) return null;
    starts.push(at - from);
    do at += 1;
    while (at < to && isAddressCharacter(bytes[at] ?? 0));
    if (at === to || bytes[at] !== QUOTE) return null;
    at += 1;
    if (at === to) return starts;
    // Something must follow a comma.
    if (bytes[at] !== COMMA || at + 1 === to) return null;
    at += 1;
  }
  return starts;
}

/** The canonical networks of such a list; null when one of its texts is none. */
export function plainNets(
  bytes: Uint8Array,
  list: { readonly from: number; readonly to: number; readonly starts: readonly number[] },
): readonly string[] | null {
  const { from, to, starts } = list;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(
    'latin1',
    from,
    to,
  );
  const nets: string[] = [];
  for (const [i, start] of starts.entries()) {
    const next = starts[i + 1] ?? text.length + 1;
    const net = parseNet(text.slice(start + 1, next - 2));
    if (net === null) return null;
    nets.push(net.text);
  }
  return nets;
}

// Digits, a to f in either case, and ".", "/", ":".
function isAddressCharacter(code: number): boolean {
  if (code >= 0x2e && code <= 0x3a) return true;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66;
}
