import { readFile } from 'node:fs/promises';
import { endianness } from 'node:os';
import { HostError, toError } from '../base/errors.ts';
import { addressOf, isMapped } from '../net/address.ts';
import type { Address, Family } from '../net/address.ts';

/** An established TCP connection of a process of this host; addresses in canonical text. */
export interface TcpSession {
  readonly family: Family;
  readonly local: string;
  readonly localPort: number;
  readonly remote: string;
  readonly remotePort: number;
}

/**
 * The established TCP connections of this network namespace that have `port` at this end, as sockets: those that
 * connection tracking forgot are among them. Rejects with HostError.
 */
export async function listTcpSessions(port: number): Promise<readonly TcpSession[]> {
  const texts = await Promise.all(['/proc/self/net/tcp', '/proc/self/net/tcp6'].map(readTable));
  return texts.flatMap(parseTcpSessions).filter(({ localPort }) => localPort === port);
}

// A kernel without IPv6 has no tcp6.
async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (thrown) {
    const error = toError(thrown);
    if ('code' in error && error.code === 'ENOENT') return '';
    throw new HostError('tcp-sessions', `${path}: ${error.message}`, thrown);
  }
}

// `sl: LOCAL:PORT REMOTE:PORT STATE …`, addresses as 32-bit words in the byte order of the machine.
const LINE = /^\s*\d+: ([0-9A-F]{8,32}):([0-9A-F]{4}) ([0-9A-F]{8,32}):([0-9A-F]{4}) 01 /;

/** The established connections in the text of /proc/net/tcp or tcp6. */
export function parseTcpSessions(text: string): readonly TcpSession[] {
  return text.split('\n').flatMap((line) => {
    const [, local = '', localPort = '', remote = '', remotePort = ''] = LINE.exec(line) ?? [];
    if (local === '') return [];
    const [here, there] = [readAddress(local), readAddress(remote)];
    return {
      family: here.family,
      local: here.text,
      localPort: parseInt(localPort, 16),
      remote: there.text,
      remotePort: parseInt(remotePort, 16),
    };
  });
}

function readAddress(hex: string): Address {
  const words = Buffer.from(hex, 'hex');
  if (endianness() === 'LE') words.swap32();
  const bits = BigInt(`0x${words.toString('hex')}`);
  if (words.length === 4) return addressOf(4, bits);
  return isMapped(bits) ? addressOf(4, bits & 0xffff_ffffn) : addressOf(6, bits);
}
