/** A manifest that appears; `about` names its objects for people. */
export interface Addition {
  readonly kind: 'add';
  readonly file: string;
  readonly about: string;
  readonly text: string;
}

/** A passage of a manifest that is replaced by another. */
export interface Edit {
  readonly kind: 'edit';
  readonly file: string;
  readonly about: string;
  readonly before: string;
  readonly after: string;
}

/** What an operator does to the directory of manifests. */
export type Change = Addition | Edit;

/** A line of an excerpt: kept for context, taken away, or new. */
export interface DiffLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** An edit taken back. */
export function undone(change: Edit): Edit {
  return { ...change, before: change.after, after: change.before };
}

/** The text of a manifest with a change made. Throws unless the passage to edit occurs exactly once. */
export function changed(text: string, change: Change): string {
  if (change.kind === 'add') return change.text;
  const parts = text.split(change.before);
  if (parts.length !== 2)
    throw new Error(
      `${change.file}: ${change.about}: the passage to edit occurs ${parts.length - 1} times`,
    );
  return parts.join(change.after);
}

/** The lines of a change as a diff has them. */
export function diffLines(change: Change): readonly DiffLine[] {
  const before = change.kind === 'add' ? [] : linesOf(change.before);
  const after = linesOf(change.kind === 'add' ? change.text : change.after);
  const firstNew = after.findIndex((text) => !before.includes(text));
  const start = firstNew < 0 ? after.length : firstNew;
  const isKept = (text: string): boolean => before.includes(text);
  const line = (text: string): DiffLine => ({ sign: isKept(text) ? ' ' : '+', text });
  const gone = before.filter((text) => !after.includes(text));
  return [
    ...after.slice(0, start).map(line),
    ...gone.map((text): DiffLine => ({ sign: '-', text })),
    ...after.slice(start).map(line),
  ];
}

function linesOf(text: string): readonly string[] {
  return text.trimEnd().split('\n');
}
