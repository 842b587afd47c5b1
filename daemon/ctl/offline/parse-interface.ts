import { parseAddress } from '../../../src/net/address.ts';
import type { LocalInterface } from '../../../src/policy/governed-interfaces.ts';
import { usageError } from '../ctl-error.ts';

/** Reads `eth0=198.51.100.1,2001:db8:1::1`; the addresses may be left out. */
export function parseInterface(text: string): LocalInterface {
  const [name = '', list = ''] = text.split('=', 2);
  if (!/^[^\s/]{1,15}$/.test(name)) {
    throw usageError(
      `--interface ${text}: write a name of at most 15 characters and its addresses, such as eth0=198.51.100.1,2001:db8:1::1`,
    );
  }
  const addresses = list.split(',').filter((one) => one !== '');
  return { name, running: true, addresses: addresses.map((one) => canonical(text, one)) };
}

function canonical(text: string, address: string): string {
  const parsed = parseAddress(address);
  if (parsed !== null) return parsed.text;
  throw usageError(
    `--interface ${text}: "${address}" is not an address; write it without a prefix length, such as 198.51.100.1`,
  );
}
