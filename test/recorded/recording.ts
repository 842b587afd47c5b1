import { readFileSync } from 'node:fs';
import type { CalicoObject, StoredPair } from '../support/calico.ts';

/** A probe as it was recorded. */
export interface RecordedProbe {
  readonly ns: 'ext' | 'host' | 'srv';
  readonly src?: string;
  readonly dst: string;
  readonly proto: 'tcp' | 'udp' | 'icmp';
  readonly port?: number;
}

/** What Calico's own agent made of a datastore: the outcome of every probe. */
export interface Scenario {
  readonly name: string;
  readonly resources: readonly CalicoObject[];
  readonly raw?: readonly StoredPair[];
  readonly probes: readonly RecordedProbe[];
  /** `ok`, or a word for how it failed; only `ok` or not is to be compared. */
  readonly expect: readonly string[];
}

/** Reads a recorded file; throws when it is not one. */
export function readRecording(file: string): readonly Scenario[] {
  const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Array.isArray(content)) throw new Error(`${file}: not a list of scenarios`);
  return content.map((item: unknown, i) => {
    const scenario = item as Partial<Scenario>;
    if (scenario.name === undefined || scenario.probes?.length !== scenario.expect?.length)
      throw new Error(`${file}: item ${i} is not a scenario with one outcome a probe`);
    return item as Scenario;
  });
}
