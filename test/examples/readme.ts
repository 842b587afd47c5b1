import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const EXAMPLES = fileURLToPath(new URL('../../examples/', import.meta.url));

/** A host of an example, as its README lists it. */
export interface ExampleHost {
  readonly name: string;
  readonly addresses: Readonly<Record<4 | 6, string>>;
  readonly runsRampart: boolean;
}

/** A line of "What gets through". */
export interface Statement {
  readonly from: ExampleHost;
  readonly to: ExampleHost;
  readonly service: Service;
  readonly families: readonly (4 | 6)[];
  readonly verdict: 'allowed' | 'denied';
  readonly text: string;
}

export type Service =
  { readonly kind: 'tcp' | 'udp'; readonly port: number } | { readonly kind: 'ping' };

/** What the README of an example says. */
export interface Example {
  readonly name: string;
  readonly hosts: readonly ExampleHost[];
  readonly statements: readonly Statement[];
}

/** The names of all examples. */
export function exampleNames(): readonly string[] {
  return readdirSync(EXAMPLES, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
}

/** Reads an example's README; throws on a table that cannot be run. */
export function readExample(name: string): Example {
  const text = readFileSync(join(EXAMPLES, name, 'README.md'), 'utf8');
  const hosts = rows(text, 'Hosts').map(toHost);
  const known = (host: string): ExampleHost => {
    const found = hosts.find((one) => one.name === host);
    if (found === undefined) throw new Error(`${name}: no host is called ${host}`);
    return found;
  };
  const statements = rows(text, 'What gets through').map((cells) => toStatement(cells, known));
  return { name, hosts, statements };
}

function toHost([name = '', addresses = '', rampart = '']: readonly string[]): ExampleHost {
  const [four, six] = addresses.split(', ');
  if (four === undefined || six === undefined) throw new Error(`${name}: two addresses, please`);
  return {
    name,
    addresses: { 4: four, 6: six },
    runsRampart: oneOf(rampart, ['yes', 'no']) === 'yes',
  };
}

function toStatement(cells: readonly string[], known: (host: string) => ExampleHost): Statement {
  const [from = '', to = '', service = '', verdict = ''] = cells;
  const [what = '', family] = service.split(' over ');
  return {
    from: known(from),
    to: known(to),
    service: toService(what),
    families: family === undefined ? [4, 6] : [family === 'IPv4' ? 4 : 6],
    verdict: oneOf(verdict, ['allowed', 'denied']),
    text: `${from} → ${to} ${service}`,
  };
}

function toService(text: string): Service {
  if (text === 'ping') return { kind: 'ping' };
  const [port, kind = ''] = text.split('/');
  return { kind: oneOf(kind, ['tcp', 'udp']), port: Number(port) };
}

function oneOf<Word extends string>(text: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === text);
  if (found === undefined) throw new Error(`"${text}" is not one of ${words.join(', ')}`);
  return found;
}

/** The cells of the table below a heading, without its head. */
function rows(markdown: string, heading: string): readonly (readonly string[])[] {
  const [, section = ''] = markdown.split(`## ${heading}\n`);
  const lines = section.split('\n## ')[0]?.split('\n') ?? [];
  const table = lines.filter((line) => line.startsWith('|')).slice(2);
  if (table.length === 0) throw new Error(`there is no table below "${heading}"`);
  return table.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}
