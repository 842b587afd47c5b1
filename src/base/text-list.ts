/** Texts in some order, to be read as often and as late as anybody likes; a list of them, for one. */
export interface TextList extends Iterable<string> {
  readonly length: number;
}
