import { branchMask, mapKeyType } from '../ruleset/branch.ts';
import type { MapVerdict } from '../ruleset/ruleset.ts';
import { TABLE } from '../ruleset/ruleset.ts';
import { checkAddress } from './encode-element.ts';
import { addressKey, encodeInterface, meta, payload } from './encode-match.ts';
import { checkName, checkNumber, refuse } from './refuse.ts';
import type { Key, MapObject, Target, VerdictEntry } from './schema.ts';

const PORTS = { high: 65_535 };

/** A map that holds what a verdict is looked up in. Throws NftablesError `invalid` like `encodeRule`. */
export function encodeMap(name: string, verdict: MapVerdict): MapObject {
  return {
    ...{ family: TABLE.family, table: TABLE.name, name: checkName('map', name) },
    type: mapKeyType(verdict),
    map: 'verdict',
    flags: ['constant'],
    size: verdict.chains.size,
    elem: mapEntries(verdict),
  };
}

/** The chains that a verdict leads to, by key. */
export function mapEntries(verdict: MapVerdict): readonly VerdictEntry[] {
  const entries = [...verdict.chains];
  if (verdict.kind === 'dispatch') {
    if (entries.length === 0) refuse('a dispatch by interface has no entry');
    return entries.map(([name, chain]) => [encodeInterface(name), { goto: target(chain) }]);
  }
  const { field } = verdict;
  if (entries.length === 0) refuse('a branch has no entry');
  return entries.map(([name, chain]) => {
    const key =
      field.kind === 'dport'
        ? checkNumber('port', Number(name), PORTS)
        : checkAddress(field.family, name);
    return [key, { jump: target(chain) }];
  });
}

/** What is looked up. */
export function mapKey(verdict: MapVerdict): Key {
  if (verdict.kind === 'dispatch') return meta(verdict.key);
  const { field } = verdict;
  const value =
    field.kind === 'dport' ? payload('th', 'dport') : addressKey(field.family, field.kind);
  const mask = branchMask(field);
  return mask === null ? value : { '&': [value, mask] };
}

/** Where a verdict leads to. */
export function target(chain: string): Target {
  return { target: checkName('chain', chain) };
}
