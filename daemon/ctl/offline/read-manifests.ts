import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { toError } from '../../../src/base/errors.ts';
import { admitManifest } from '../../../src/resource/admit.ts';
import { expandManifest } from '../../../src/resource/expand-manifest.ts';
import { listManifests, readManifest } from '../../../src/source/manifest-directory.ts';
import { parseManifest } from '../../../src/source/manifest-file.ts';
import type { Manifest } from '../../../src/source/manifest-file.ts';
import { dataError } from '../ctl-error.ts';

/** A manifest file as it was found. */
export interface ManifestText {
  readonly path: string;
  readonly manifest: Manifest;
}

/** Reads files, and every manifest of what is a directory. */
export async function readManifests(paths: readonly string[]): Promise<readonly ManifestText[]> {
  const files: ManifestText[] = [];
  for (const path of paths) {
    for (const file of await filesAt(path)) files.push(await readOne(file));
  }
  return files;
}

/** The manifests of a directory, which has to be one. */
export async function readDirectory(directory: string): Promise<readonly ManifestText[]> {
  if (!(await isDirectory(directory)))
    throw dataError(`${directory}: is not a directory; name one`);
  return readManifests([directory]);
}

/** What `calicoctl apply` would do to the objects of a document. */
export function admit(document: unknown): readonly ReturnType<typeof admitManifest>[] {
  return expandManifest(document).map(admitManifest);
}

async function filesAt(path: string): Promise<readonly string[]> {
  if (!(await isDirectory(path))) return [path];
  return (await listManifests(path)).map(({ name }) => join(path, name));
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (thrown) {
    throw dataError(`${path}: cannot be read: ${reasonOf(thrown)}`, thrown);
  }
}

async function readOne(path: string): Promise<ManifestText> {
  try {
    const text = await readManifest(dirname(path), basename(path));
    return { path, manifest: parseManifest(path, text) };
  } catch (thrown) {
    throw dataError(`${path}: cannot be read: ${reasonOf(thrown)}`, thrown);
  }
}

function reasonOf(thrown: unknown): string {
  const { message } = toError(thrown);
  return message.startsWith('ENOENT') ? 'there is no such file or directory' : message;
}
