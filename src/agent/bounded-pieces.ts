/** What became of pieces: what made them answered, and how long they are together. */
export interface Bounded<Answer> {
  readonly answer: Answer;
  readonly bytes: number;
}

/** The same pieces of a file; throws once they are longer than a start reads: such a file is of no use to anybody. */
export function* bounded<Answer>(
  pieces: Generator<string, Answer>,
  largestBytes: number,
): Generator<string, Bounded<Answer>> {
  let bytes = 0;
  for (;;) {
    const next = pieces.next();
    if (next.done === true) return { answer: next.value, bytes };
    bytes += Buffer.byteLength(next.value);
    if (bytes > largestBytes) throw new Error(`they take more than ${largestBytes} bytes`);
    yield next.value;
  }
}
