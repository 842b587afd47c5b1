/** Something that an operator has to know for as long as it lasts. */
export interface Fault {
  /** Stable and made for machines. */
  readonly code: string;
  /** What it is about, as people call it; empty when it is about this daemon. */
  readonly objects: readonly string[];
  /** What is wrong, with whom, and what to do. */
  readonly message: string;
}

const NAMED = 10;

/** The first ten names, separated by commas, and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const more = names.length - NAMED;
  const named = names.slice(0, NAMED).join(', ');
  return more > 0 ? `${named} and ${more} more` : named;
}

/** One fault about all of `objects`, none when there are none; `message` is given them as a phrase. */
export function faultAbout(
  code: string,
  objects: readonly string[],
  message: (named: string) => string,
): readonly Fault[] {
  return objects.length === 0 ? [] : [{ code, objects, message: message(nameSome(objects)) }];
}
