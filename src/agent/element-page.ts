import { ELEMENT_SEPARATOR } from '../ruleset/nft-text.ts';

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
    const text = this.#bytes?.toString('latin1', ELEMENT_SEPARATOR.length) ?? '';
    return text === '' ? [] : text.split(SEPARATOR);
  }

  /** The elements as they go on in nft's syntax, behind a separator; not to be changed. */
  get bytes(): Buffer {
    if (this.#bytes !== null) return this.#bytes;
    const text = this.elements.join(SEPARATOR);
    this.#bytes = text === '' ? EMPTY : ownBuffer(ELEMENT_SEPARATOR + text);
    this.#elements = null;
    return this.#bytes;
  }
}

const EMPTY = Buffer.alloc(0);

// Not from the pool, of which a small page would keep a large piece.
function ownBuffer(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(text.length);
  bytes.write(text, 'latin1');
  return bytes;
}
