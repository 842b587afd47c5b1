import { isIP } from 'node:net';

/** How one kind of setting is written: text in, value out. */
export interface ValueFormat<T> {
  /** What may be written, as the end of "write …". */
  readonly allowed: string;
  /** The value, or null when `text` is not one. */
  parse(text: string): T | null;
  /** The text that `parse` reads back as `value`. */
  format(value: T): string;
}

const TRUE = new Set(['true', '1', 'yes', 'y', 't', 'on']);
const FALSE = new Set(['false', '0', 'no', 'n', 'f', 'off']);

/** Felix's words for booleans, any case, and YAML 1.1's `on` and `off`. */
export const BOOLEAN: ValueFormat<boolean> = {
  allowed: 'true or false',
  parse: (text) => {
    const word = text.toLowerCase();
    if (TRUE.has(word)) return true;
    return FALSE.has(word) ? false : null;
  },
  format: String,
};

/** A TCP port to listen on; the kernel picks one for 0. */
export const PORT: ValueFormat<number> = {
  allowed: 'a port number from 0 to 65535 (0: any free port)',
  parse: (text) => {
    const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
    return port <= 65535 ? port : null;
  },
  format: String,
};

/** A group of nfnetlink_log; 0 is where the kernel's own log goes by default. */
export const NFLOG_GROUP: ValueFormat<number> = wholeNumber(1, 65_535);

/** Packets a second that a rule logs. */
export const LOG_RATE: ValueFormat<number> = wholeNumber(1, 1000);

/** A time in seconds. */
export const SECONDS: ValueFormat<number> = {
  allowed: 'a time from 5s to 3600s, such as 30s',
  parse: (text) => {
    const seconds = Number(/^(\d{1,4})s$/.exec(text)?.[1] ?? NaN);
    return seconds >= 5 && seconds <= 3600 ? seconds : null;
  },
  format: (value) => `${value}s`,
};

/** An address or a host name to listen on. */
export const LISTEN_HOST: ValueFormat<string> = {
  allowed: 'an IPv4 or IPv6 address of this host, or a host name; 0.0.0.0 or :: for all addresses',
  parse: (text) => (isIP(text) !== 0 || isHostName(text) ? text : null),
  format: (value) => value,
};

/** Felix's own rule for host names; one that calicoctl accepts in spec.node is also lower case. */
export const NODE_NAME: ValueFormat<string> = {
  allowed: 'a name of up to 253 letters, digits, "-", "_" and "."',
  parse: (text) => (/^[A-Za-z0-9_.-]{1,253}$/.test(text) ? text : null),
  format: (value) => value,
};

/** systemd starts the daemon in /, so a relative path would mean something else for every user. */
export const ABSOLUTE_PATH: ValueFormat<string> = {
  allowed: 'an absolute path, such as /etc/rampart/etcd-ca.pem',
  parse: (text) => (isAbsolutePath(text) ? text : null),
  format: (value) => value,
};

/** Read by the boot unit's script as well, which knows the same three forms. */
export const BOOT_POLICY: ValueFormat<string> = {
  allowed: 'default, none, or the absolute path of a file for "nft -f"',
  parse: (text) => (/^(default|none)$/.test(text) || isAbsolutePath(text) ? text : null),
  format: (value) => value,
};

/** The path of a unix socket is limited to 107 bytes by the kernel (sun_path), file name included. */
export const RUN_DIRECTORY: ValueFormat<string> = {
  allowed:
    'an absolute path of at most 93 bytes (rampartd.sock in it must fit a unix socket address)',
  parse: (text) => (isAbsolutePath(text) && Buffer.byteLength(text) <= 93 ? text : null),
  format: (value) => value,
};

/** A group of the system, by name or number. */
export const GROUP: ValueFormat<string> = {
  allowed: 'the name or number of a group in /etc/group',
  parse: (text) => (/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,31}$/.test(text) ? text : null),
  format: (value) => value,
};

/** Any text without line breaks. */
export const LINE: ValueFormat<string> = {
  allowed: 'text on one line',
  parse: (text) => (/^.+$/.test(text) ? text : null),
  format: (value) => value,
};

/** One of `words`, any case. `synonyms` are accepted as well, and turned into words. */
export function oneOf<const W extends string>(
  words: readonly W[],
  synonyms: Readonly<Record<string, W>> = {},
): ValueFormat<W> {
  const wordByText = new Map<string, W>([
    ...Object.entries(synonyms),
    ...words.map((word): [string, W] => [word, word]),
  ]);
  return {
    allowed: listWords(words),
    parse: (text) => wordByText.get(text.toLowerCase()) ?? null,
    format: (value) => value,
  };
}

/** etcd's client URLs, separated by commas: one scheme for all, nothing after the port. */
export const ENDPOINTS: ValueFormat<readonly string[]> = {
  allowed:
    'URLs such as https://10.0.0.1:2379, separated by commas, all https or all http, without user, path or query',
  parse: (text) => {
    const urls = text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '')
      .map(parseEndpoint);
    const endpoints = urls.filter((url) => url !== null);
    const schemes = new Set(endpoints.map((url) => url.split(':', 1)[0]));
    return endpoints.length > 0 && endpoints.length === urls.length && schemes.size === 1
      ? endpoints
      : null;
  },
  format: (value) => value.join(','),
};

function parseEndpoint(text: string): string | null {
  const match = /^(https?):\/\/(\[[0-9A-Fa-f:.]+\]|[^/:@?#[\]\s]+)(?::(\d{1,5}))?\/?$/i.exec(text);
  const [, scheme, host, port = '2379'] = match ?? [];
  if (scheme === undefined || host === undefined) return null;
  const number = Number(port);
  const isAddress = host.startsWith('[') ? isIP(host.slice(1, -1)) === 6 : isHostName(host);
  if (!isAddress || number < 1 || number > 65535) return null;
  return `${scheme.toLowerCase()}://${host.toLowerCase()}:${number}`;
}

// Underscores are no part of DNS host names, but resolvers and /etc/hosts carry them.
function isHostName(text: string): boolean {
  return text.length <= 253 && /^[A-Za-z0-9_]([A-Za-z0-9_.-]*[A-Za-z0-9_.])?$/.test(text);
}

function isAbsolutePath(text: string): boolean {
  return /^\/[^\0\n]*$/.test(text);
}

function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length < 2 ? last : `${words.slice(0, -1).join(', ')} or ${last}`;
}

function wholeNumber(from: number, to: number): ValueFormat<number> {
  return {
    allowed: `a whole number from ${from} to ${to}`,
    parse: (text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
      return value >= from && value <= to ? value : null;
    },
    format: String,
  };
}
