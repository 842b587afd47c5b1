import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { compareBytes } from '../base/byte-order.ts';
import { SourceError, toError } from '../base/errors.ts';

/** A manifest file, not yet read; `signature` changes whenever the file may have. */
export interface ManifestEntry {
  readonly name: string;
  readonly signature: string;
  /** Wall time of the last write, ms; undefined when the file cannot be looked at. */
  readonly writtenAt: number | undefined;
}

const MANIFEST = /^[^.~].*\.(?:yaml|yml|json)$/;

/**
 * The manifests of a directory in bytewise order of name: `*.yaml *.yml *.json`, symbolic links
 * followed, subdirectories, hidden files and names with a leading `~` left out. Throws SourceError
 * saying what to create when the directory cannot be listed.
 */
export async function listManifests(directory: string): Promise<readonly ManifestEntry[]> {
  const names = (await listNames(directory)).filter((name) => MANIFEST.test(name));
  const entries = await Promise.all(names.map((name) => lookAt(directory, name)));
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => compareBytes(a.name, b.name));
}

/** The text of a manifest; throws when it cannot be read or is not UTF-8. */
export async function readManifest(directory: string, name: string): Promise<string> {
  return new TextDecoder('utf-8', { fatal: true }).decode(await readFile(join(directory, name)));
}

async function listNames(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    const reason = toError(error).message;
    throw new SourceError(
      'file-directory',
      `cannot list the resource directory ${directory} (${reason}): create it, readable for this ` +
        'service, and put Calico manifests (*.yaml, *.yml, *.json) into it, or set datastore.directory',
      error,
    );
  }
}

async function lookAt(directory: string, name: string): Promise<ManifestEntry | undefined> {
  try {
    const found = await stat(join(directory, name), { bigint: true });
    if (!found.isFile()) return undefined;
    const { dev, ino, size, mtimeNs, ctimeNs, mtimeMs } = found;
    const signature = [dev, ino, size, mtimeNs, ctimeNs].join(':');
    return { name, signature, writtenAt: Number(mtimeMs) };
  } catch (error) {
    return { name, signature: toError(error).message, writtenAt: undefined };
  }
}
