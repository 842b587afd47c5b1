const MORE = 0x80;
const LOW_BITS = 0x7f;

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/** The tag of a field that is a whole number. */
export function numberTag(field: number): number {
  return field * 8 + VARINT;
}

/** The tag of a field that is bytes, a text or a message. */
export function bytesTag(field: number): number {
  return field * 8 + BYTES;
}

/** Goes over the bytes of a protobuf message; messages in it are gone over in their place. Throws where they end early. */
export class WireReader {
  readonly #bytes: Buffer;
  #at: number;

  /** Begins at the place `at`. */
  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.#at = at;
  }

  /** Where it is. */
  get at(): number {
    return this.#at;
  }

  /** A tag, a length, or a number of up to 53 bits: larger ones lose precision. */
  number(): number {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = this.#byte();
      value += (byte & LOW_BITS) * factor;
      if (byte < MORE) return value;
      factor *= 128;
    }
  }

  /** A number of up to 64 bits. */
  bigNumber(): bigint {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = this.#byte();
      value |= BigInt(byte & LOW_BITS) << shift;
      if (byte < MORE) return value;
      shift += 7n;
    }
  }

  /** Where the message ends whose length comes next. */
  messageEnd(): number {
    const length = this.number();
    return this.#at + length;
  }

  /** A view on the bytes whose length comes next. */
  bytes(): Buffer {
    const end = this.messageEnd();
    return this.#bytes.subarray(this.#at, this.#passTo(end));
  }

  /** The text whose length comes next. */
  text(): string {
    const end = this.messageEnd();
    return this.#bytes.toString('utf8', this.#at, this.#passTo(end));
  }

  /** Passes over the value of a field with this tag. */
  skip(tag: number): void {
    switch (tag % 8) {
      case VARINT:
        this.number();
        return;
      case FIXED64:
        this.#passTo(this.#at + 8);
        return;
      case BYTES:
        this.#passTo(this.messageEnd());
        return;
      case FIXED32:
        this.#passTo(this.#at + 4);
        return;
      default:
        throw new RangeError(`a field with the tag ${tag} is not known`);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new RangeError('the message ends within a number');
    this.#at += 1;
    return byte;
  }

  #passTo(end: number): number {
    if (end > this.#bytes.length) throw new RangeError('the message ends within a field');
    this.#at = end;
    return end;
  }
}
