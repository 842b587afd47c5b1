import { LineCounter, parseAllDocuments } from 'yaml';
import type { Document, ScalarTag, Tags } from 'yaml';
import { toError } from '../base/errors.ts';

/** One YAML document or JSON text, and the line (from 1) on which it begins. */
export interface ManifestDocument {
  readonly line: number;
  readonly value: unknown;
}

/** Where and why a file is not YAML. */
export interface ManifestError {
  readonly line: number;
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
      return { documents: [{ line: 1, value: JSON.parse(text) }], errors: [] };
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
    const line = lines.linePos(document.contents?.range[0] ?? document.range[0]).line;
    errors.push(...document.errors.map((error) => toManifestError(error, line)));
    if (document.errors.length > 0) continue;
    try {
      const value: unknown = (document as Document).toJS();
      if (value !== null && value !== undefined) documents.push({ line, value });
    } catch (error) {
      errors.push({ line, message: toError(error).message });
    }
  }
  return { documents, errors };
}

function toManifestError(
  error: { message: string; linePos?: readonly { line: number }[] | undefined },
  line: number,
): ManifestError {
  const [message = ''] = error.message.split('\n');
  return {
    line: error.linePos?.[0]?.line ?? line,
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
