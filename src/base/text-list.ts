/** Texts in some order, to be read more than once; a list of them, for one. */
export interface TextList extends Iterable<string> {
  readonly length: number;
}
