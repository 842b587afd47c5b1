import { editDistance } from '../base/edit-distance.ts';

/** The known name that the given one was probably meant to be; null when none is near. */
export function suggestName(name: string, known: Iterable<string>): string | null {
  if (name.length > MAX_LENGTH) return null;
  const wanted = name.toLowerCase();
  let best: string | null = null;
  let least = Math.max(1, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

// Field names and kinds are shorter; longer texts are not worth comparing.
const MAX_LENGTH = 64;
