import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document, ScalarTag, Tags } from 'yaml';
import { toError } from '../base/errors.ts';
import { locateField } from './manifest-place.ts';
import type { Position } from './manifest-place.ts';

/** One YAML document or JSON text, and the line (from 1) on which it begins. */
export interface ManifestDocument {
  readonly line: number;
  readonly value: unknown;
  /** Where a field such as `spec.ingress[2].action` is written, or the nearest thing around it. */
  locate(field: string): Position;
}

/** Where and why a file is not YAML. */
export interface ManifestError extends Position {
  readonly message: string;
}

/** The documents of a file in order, empty ones left out; with an error, none of them can be relied on. */
export interface Manifest {
  readonly documents: readonly ManifestDocument[];
  readonly errors: readonly ManifestError[];
}

/**
 * Reads YAML (1.2, with merge keys and the yes/no/on/off of 1.1, as calicoctl's parser has them) or
 * JSON, which is YAML too and read faster where the name says so.
 */
export function parseManifest(name: string, text: string): Manifest {
  if (name.endsWith('.json')) {
    try {
      const value: unknown = JSON.parse(text);
      return { documents: [{ line: 1, value, locate: locateInJson(text) }], errors: [] };
    } catch {
      // Not one plain JSON text. The YAML parser takes more, and says where what it does not take is.
    }
  }
  return parseYaml(text);
}

function parseYaml(text: string): Manifest {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines, merge: true, customTags });
  const documents: ManifestDocument[] = [];
  const errors: ManifestError[] = [];
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const start = positionAt(lines, document.contents?.range[0] ?? document.range[0]);
    errors.push(...document.errors.map((error) => toManifestError(error, start)));
    if (document.errors.length > 0) continue;
    try {
      const value: unknown = (document as Document).toJS();
      const locate = (field: string): Position =>
        locateField(document.contents, field, (offset) => positionAt(lines, offset)) ?? start;
      if (value !== null && value !== undefined) {
        documents.push({ line: start.line, value, locate });
      }
    } catch (error) {
      errors.push({ ...start, message: toError(error).message });
    }
  }
  return { documents, errors };
}

// A plain JSON text is read again, as YAML, when somebody asks for a place in it: errors are rare.
function locateInJson(text: string): ManifestDocument['locate'] {
  return (field) => {
    const [document] = parseYaml(text).documents;
    return document?.locate(field) ?? { line: 1, column: 1 };
  };
}

function positionAt(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function toManifestError(
  error: {
    message: string;
    linePos?: readonly { readonly line: number; readonly col: number }[] | undefined;
  },
  start: Position,
): ManifestError {
  const [message = ''] = error.message.split('\n');
  const found = error.linePos?.[0];
  return {
    line: found?.line ?? start.line,
    column: found?.col ?? start.column,
    message: message.replace(/ at line \d+, column \d+:?$/, ''),
  };
}

const yes: ScalarTag = {
  default: true,
  tag: 'tag:yaml.org,2002:bool',
  test: /^(?:[yY]|[yY]es|YES|[oO]n|ON)$/,
  resolve: () => true,
};
const no: ScalarTag = { ...yes, test: /^(?:[nN]|[nN]o|NO|[oO]ff|OFF)$/, resolve: () => false };

function customTags(tags: Tags): Tags {
  return [yes, no, ...tags];
}
