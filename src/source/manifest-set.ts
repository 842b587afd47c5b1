import { RESOURCE_PREFIX } from '../base/raw-update.ts';
import type { Problem } from '../base/problem.ts';
import type { Manifest } from './manifest-file.ts';

/** What became of one object of a document: its key and stored text, or null where it is no resource. */
export interface AdmittedObject {
  readonly key: string | null;
  readonly value: string | null;
  readonly problems: readonly Problem[];
}

/** Makes stored objects of a manifest document, as calicoctl would; must not throw. */
export type Admit = (document: unknown) => readonly AdmittedObject[];

/** A file, read: objects with their places, and its problems. `broken` files must not be believed. */
export interface AdmittedFile {
  readonly broken: boolean;
  readonly objects: readonly PlacedObject[];
  readonly problems: readonly Problem[];
}

/** An object and where it is given, such as `10-db.yaml:14`. */
export interface PlacedObject {
  readonly key: string;
  readonly value: string;
  readonly place: string;
}

/** Admits every document of a file; every problem gets the place in front of its object. */
export function admitFile(name: string, manifest: Manifest, admit: Admit): AdmittedFile {
  if (manifest.errors.length > 0) {
    const problems = manifest.errors.map(({ line, message }) =>
      brokenFile(`${name}:${line}`, `is not valid YAML: ${message}`),
    );
    return { broken: true, objects: [], problems };
  }
  const objects: PlacedObject[] = [];
  const problems: Problem[] = [];
  for (const { line, value: document } of manifest.documents) {
    const place = `${name}:${line}`;
    for (const { key, value, problems: found } of admit(document)) {
      problems.push(...found.map((problem) => at(place, problem)));
      if (key !== null && value !== null) objects.push({ key, value, place });
    }
  }
  return { broken: false, objects, problems };
}

/** The problem of a file that is not taken over, and with it the whole directory. */
export function brokenFile(place: string, complaint: string): Problem {
  return {
    severity: 'error',
    code: 'manifest-unreadable',
    object: place,
    field: '',
    message: `${complaint}. Until this is mended, everything stays as it was before.`,
  };
}

/** All objects of all files, in order: of two with one key the later wins, and a warning names both. */
export function mergeFiles(files: readonly AdmittedFile[]): {
  readonly objects: ReadonlyMap<string, PlacedObject>;
  readonly problems: readonly Problem[];
} {
  const objects = new Map<string, PlacedObject>();
  const problems = files.flatMap((file) => file.problems);
  for (const object of files.flatMap((file) => file.objects)) {
    const earlier = objects.get(object.key);
    if (earlier !== undefined) problems.push(duplicate(earlier, object));
    objects.set(object.key, object);
  }
  return { objects, problems };
}

function at(place: string, problem: Problem): Problem {
  return { ...problem, object: `${place} ${problem.object}`.trimEnd() };
}

function duplicate(earlier: PlacedObject, later: PlacedObject): Problem {
  const name = later.key.startsWith(RESOURCE_PREFIX)
    ? later.key.slice(RESOURCE_PREFIX.length)
    : later.key;
  return {
    severity: 'warning',
    code: 'object-duplicate',
    object: `${later.place} ${name}`,
    field: '',
    message: `Given twice, at ${earlier.place} and at ${later.place}; the latter counts. Remove one.`,
  };
}
