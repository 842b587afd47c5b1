import type { RawUpdate } from '../base/raw-update.ts';
import { CODECS } from './codecs.ts';
import { Findings } from './findings.ts';
import { parseKey } from './identify.ts';
import { MAX_OBJECT_BYTES } from './limits.ts';
import { DEFAULT_ALLOW_PROFILE } from './profile.ts';
import type { Resource, ResourceId, ResourceUpdate } from './resource.ts';
import { resourceName } from './resource.ts';
import { parseStored } from './stored-json.ts';

/**
 * What one key of the datastore means: an object, or its absence with the reasons. Null when the key is
 * not that of an object which this program reads. Never throws, whatever is stored.
 */
export function decodeUpdate(raw: RawUpdate): ResourceUpdate | null {
  const id = parseKey(raw.key);
  if (id === null) return null;
  if (raw.value === null) return { id, resource: builtIn(id), problems: [] };
  const findings = new Findings(resourceName(id));
  if (raw.value.length > MAX_OBJECT_BYTES) {
    const message = `The object is ignored: it has ${raw.value.length} bytes, at most ${MAX_OBJECT_BYTES} are read. Divide it into several objects.`;
    findings.error('too-large', '', message);
    return { id, resource: builtIn(id), problems: findings.problems };
  }
  // Endpoints of pods come in great numbers and from one writer, which writes whole numbers as such.
  const value = parseStored(
    raw.value,
    id.kind === 'WorkloadEndpoint' ? 'ignore-fractions' : 'keep-fractions',
  );
  if (!value.ok) {
    const message = `The object is ignored: ${value.error}. Write it again with calicoctl.`;
    findings.error('malformed', '', message);
    return { id, resource: builtIn(id), problems: findings.problems };
  }
  const resource = CODECS[id.kind].decode(value.value, id, findings);
  return { id, resource: resource ?? builtIn(id), problems: findings.problems };
}

// The built-in profile exists whether or not something is stored under its name.
function builtIn(id: ResourceId): Resource | null {
  const { kind, name } = DEFAULT_ALLOW_PROFILE;
  return id.kind === kind && id.name === name ? DEFAULT_ALLOW_PROFILE : null;
}
