import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { admitManifest } from '../../src/resource/admit.ts';
import type { CalicoObject } from '../support/calico.ts';

/**
 * The objects of manifests in this directory, each named without its ending, as calicoctl completes them. Throws where it
 * would refuse to.
 */
export function manifests(...names: readonly string[]): readonly CalicoObject[] {
  return names.flatMap((name) =>
    parseAllDocuments(manifestText(name)).map((document) => completed(document.toJS())),
  );
}

/** A manifest as it is written. */
export function manifestText(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.yaml`), 'utf8');
}

/** The same object with other labels; a label of undefined is removed. */
export function labelled(
  object: CalicoObject,
  changes: Readonly<Record<string, string | undefined>>,
): CalicoObject {
  const labels: Record<string, string> = {};
  for (const [key, value] of Object.entries({ ...object.metadata.labels, ...changes }))
    if (value !== undefined) labels[key] = value;
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** `objects` with `change` made to those of this name. */
export function edited(
  objects: readonly CalicoObject[],
  name: string,
  change: (object: CalicoObject) => CalicoObject,
): readonly CalicoObject[] {
  if (!objects.some((object) => object.metadata.name === name))
    throw new Error(`no object is called ${name}`);
  return objects.map((object) => (object.metadata.name === name ? change(object) : object));
}

/** Without the object of this name. */
export function without(objects: readonly CalicoObject[], name: string): readonly CalicoObject[] {
  return objects.filter((object) => object.metadata.name !== name);
}

function completed(document: unknown): CalicoObject {
  const { value, problems } = admitManifest(document);
  if (value === null || problems.length > 0)
    throw new Error(problems.map(({ object, message }) => `${object}: ${message}`).join('\n'));
  return JSON.parse(value) as CalicoObject;
}
