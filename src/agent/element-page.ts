const SEPARATOR = ', ';

/** Some elements of a set; once written down, their text is all that is kept of them. */
export class ElementPage {
  #elements: readonly string[] | null;
  #bytes: Buffer | null = null;

  constructor(elements: readonly string[]) {
    this.#elements = elements;
  }

  get elements(): readonly string[] {
    if (this.#elements !== null) return this.#elements;
    const text = this.#bytes?.toString('latin1') ?? '';
    return text === '' ? [] : text.split(SEPARATOR);
  }

  /** The elements joined by `, `; not to be changed. */
  get bytes(): Buffer {
    if (this.#bytes !== null) return this.#bytes;
    const text = this.elements.join(SEPARATOR);
    // Not from the pool, of which a small page would keep a large piece.
    this.#bytes = Buffer.allocUnsafeSlow(text.length);
    this.#bytes.write(text, 'latin1');
    this.#elements = null;
    return this.#bytes;
  }
}
