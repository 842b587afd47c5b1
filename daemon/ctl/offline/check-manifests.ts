import type { Problem } from '../../../src/base/problem.ts';
import { decodeUpdate } from '../../../src/resource/decode.ts';
import type { ManifestDocument } from '../../../src/source/manifest-file.ts';
import { admit } from './read-manifests.ts';
import type { ManifestText } from './read-manifests.ts';

/** A problem and where it is written. */
export interface Finding extends Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export interface Checked {
  /** Number of objects, good and bad. */
  readonly objects: number;
  /** In the order of files and lines. */
  readonly findings: readonly Finding[];
}

/** Says of manifests what rampartd, and calicoctl before it, would say; and what is given twice. */
export function checkManifests(files: readonly ManifestText[]): Checked {
  const findings: Finding[] = [];
  // Who was given where.
  const seen = new Map<string, string>();
  let objects = 0;
  for (const { path, manifest } of files) {
    const start = findings.length;
    for (const { line, column, message } of manifest.errors) {
      const problem = { code: 'manifest-unreadable', object: '', field: '', message };
      findings.push({ file: path, line, column, severity: 'error', ...problem });
    }
    for (const document of manifest.documents) {
      const checked = checkDocument(path, document, seen);
      objects += checked.objects;
      findings.push(...checked.findings);
    }
    const ofFile = findings.splice(start).sort((a, b) => a.line - b.line || a.column - b.column);
    findings.push(...ofFile);
  }
  return { objects, findings };
}

function checkDocument(
  file: string,
  document: ManifestDocument,
  seen: Map<string, string>,
): Checked {
  const admissions = admit(document.value);
  const findings = admissions.flatMap(({ key, value, problems }, index) => {
    const prefix = itemPrefix(document.value, index);
    const place = (field: string) => document.locate(joined(prefix, field));
    const all = [...problems, ...storedProblems(key, value, problems)];
    const duplicate = key === null ? [] : duplicateOf(key, `${file}:${place('').line}`, seen);
    return [...all, ...duplicate].map((problem) => ({ file, ...place(problem.field), ...problem }));
  });
  return { objects: admissions.length, findings };
}

// What is stored may still hold what a host cannot honour.
function storedProblems(
  key: string | null,
  value: string | null,
  said: readonly Problem[],
): readonly Problem[] {
  if (key === null || value === null) return [];
  const update = decodeUpdate({ key, value: new TextEncoder().encode(value), revision: 1 });
  const isSaid = (problem: Problem): boolean =>
    said.some(({ code, field }) => code === problem.code && field === problem.field);
  return (update?.problems ?? []).filter((problem) => !isSaid(problem));
}

function duplicateOf(key: string, place: string, seen: Map<string, string>): readonly Problem[] {
  const earlier = seen.get(key);
  seen.set(key, place);
  if (earlier === undefined) return [];
  const object = key.split('/').slice(-2).join('/');
  const message = `Given before, at ${earlier}; the last one counts. Remove one.`;
  return [{ severity: 'warning', code: 'object-duplicate', object, field: '', message }];
}

// Where the objects of a list stand in its document; lists in lists are placed at their beginning.
function itemPrefix(document: unknown, index: number): string {
  if (Array.isArray(document)) return `[${index}]`;
  const isList =
    typeof document === 'object' &&
    document !== null &&
    'items' in document &&
    'kind' in document &&
    String(document.kind).endsWith('List');
  return isList ? `items[${index}]` : '';
}

function joined(prefix: string, field: string): string {
  return prefix === '' || field === '' ? prefix + field : `${prefix}.${field}`;
}
