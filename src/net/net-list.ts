/** Networks in some order, to be read more than once; a list of them, for one. */
export interface NetList extends Iterable<string> {
  readonly length: number;
}
