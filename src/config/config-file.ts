import {
  isAlias,
  isCollection,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
} from 'yaml';
import type { Document, Node, Pair, YAMLMap } from 'yaml';
import type { Problem } from '../base/problem.ts';
import { nearestName } from './nearest-name.ts';
import { configProblem } from './raw-setting.ts';
import type { RawSetting, RawSettings } from './raw-setting.ts';
import { findSetting, SECTIONS, SETTING_KEYS } from './setting-keys.ts';

/** Reads the text of the configuration file (YAML 1.2). Never throws; problems carry the line. */
export function readConfigFile(text: string, path: string): RawSettings {
  const lines = new LineCounter();
  const documents = [...parseAllDocuments(text, { lineCounter: lines, prettyErrors: false })];
  const reader: Reader = { path, lines, byKey: new Map(), problems: [], document: documents[0] };
  if (documents.length > 1) {
    report(reader, { code: 'config-unreadable', key: '', at: documents[1]?.range[0] }, MULTIPLE);
  } else {
    readDocument(reader);
  }
  return { byKey: reader.byKey, problems: reader.problems };
}

const MULTIPLE =
  'A second YAML document starts here; keep all settings in one, without "---" lines.';

interface Reader {
  readonly path: string;
  readonly lines: LineCounter;
  readonly document: Document.Parsed | undefined;
  readonly byKey: Map<string, RawSetting>;
  readonly problems: Problem[];
}

interface Place {
  readonly code: string;
  readonly key: string;
  /** Offset in the text. */
  readonly at: number | undefined;
}

function readDocument(reader: Reader): void {
  const { document } = reader;
  if (document === undefined) return;
  for (const error of document.errors) {
    const place = { code: 'config-unreadable', key: '', at: error.pos[0] };
    report(reader, place, `This is not YAML: ${error.message}`);
  }
  const root = document.contents;
  if (document.errors.length > 0 || root === null || isEmpty(root)) return;
  if (isMap(root)) {
    readMapping(reader, root, '');
    return;
  }
  const place = { code: 'config-unreadable', key: '', at: startOf(root) };
  report(
    reader,
    place,
    'The file must be a mapping of keys to values, such as "node: {name: web01}".',
  );
}

function readMapping(reader: Reader, mapping: YAMLMap, prefix: string): void {
  for (const pair of mapping.items as readonly Pair<Node, Node | null>[]) {
    const key = prefix + (isScalar(pair.key) ? String(pair.key.value) : pair.key.toString());
    const at = startOf(pair.key);
    const value = isAlias(pair.value)
      ? pair.value.resolve(reader.document as Document)
      : pair.value;
    if (SECTIONS.has(key)) readSection(reader, { code: 'config-invalid-value', key, at }, value);
    else if (findSetting(key)?.schema.isSecret === true) {
      report(reader, { code: 'config-secret-in-file', key, at }, SECRET);
    } else if (findSetting(key) === undefined) {
      report(reader, { code: 'config-unknown-key', key, at }, unknownKey(key));
    } else readValue(reader, { code: 'config-invalid-value', key, at }, value);
  }
}

const SECRET =
  'A password is not read from this file; put it into a file of its own, readable by root only, and name that file in etcd.passwordFile.';

// A section whose keys are all commented out is null in YAML.
function readSection(reader: Reader, place: Place, value: Node | null | undefined): void {
  if (value === null || value === undefined || isEmpty(value)) return;
  if (isMap(value)) {
    readMapping(reader, value, `${place.key}.`);
    return;
  }
  report(
    reader,
    place,
    `Found ${describe(value)}; write the keys of ${place.key} below it, indented.`,
  );
}

function readValue(reader: Reader, place: Place, value: Node | null | undefined): void {
  const text = value === null || value === undefined ? null : textOf(value);
  if (text === null || text === '') {
    const allowed = findSetting(place.key)?.schema.valueFormat.allowed ?? '';
    const found = value === null || value === undefined ? 'no value' : describe(value);
    report(reader, place, `Found ${found}; write ${allowed}, or remove the line.`);
    return;
  }
  const earlier = reader.byKey.get(place.key);
  if (earlier === undefined) {
    reader.byKey.set(place.key, { text, origin: originOf(reader, place.at) });
  } else {
    report(reader, place, `This key is given twice, first in ${earlier.origin}; keep one of them.`);
  }
}

// Numbers and booleans count as they were typed: 010 and 0x10 are not ports.
function textOf(node: Node): string | null {
  if (isScalar(node)) {
    if (typeof node.value === 'string') return node.value;
    return isEmpty(node) ? null : (node.source ?? String(node.value));
  }
  if (!isSeq(node)) return null;
  const items = node.items.map((item) => (isScalar(item) ? textOf(item) : null));
  return items.every((item) => item !== null) ? items.join(',') : null;
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function describe(node: Node): string {
  if (isMap(node)) return 'a mapping';
  if (isCollection(node)) return 'a list';
  if (isEmpty(node)) return 'no value';
  return JSON.stringify(textOf(node) ?? '');
}

function unknownKey(key: string): string {
  const nearest = nearestName(key, [...SETTING_KEYS.map((setting) => setting.key), ...SECTIONS]);
  return nearest === null
    ? 'There is no such key; remove it.'
    : `There is no such key; did you mean ${nearest}?`;
}

function startOf(node: Node): number | undefined {
  return node.range?.[0];
}

function originOf(reader: Reader, at: number | undefined): string {
  return at === undefined ? reader.path : `${reader.path} line ${reader.lines.linePos(at).line}`;
}

function report(reader: Reader, place: Place, message: string): void {
  const where = { origin: originOf(reader, place.at), key: place.key };
  reader.problems.push(configProblem(place.code, where, message));
}
