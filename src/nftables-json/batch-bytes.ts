const NLMSG_HEADER = 16;
const ATTRIBUTE_HEADER = 4;
const NLM_F_REQUEST = 0x1;
const NLA_F_NESTED = 0x8000;

/**
 * A growing sequence of netlink messages with nested attributes. Every message has the next sequence number,
 * from 1 on. Numbers in attributes are in network byte order, as nf_tables wants them.
 */
export class BatchBytes {
  // Small enough for Node's pool.
  #buffer = Buffer.allocUnsafe(4000);
  #length = 0;
  #message = 0;
  #sequence = 0;

  /** Sequence number of the message written last; 0 before the first. */
  get sequence(): number {
    return this.#sequence;
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Everything written. Write no more afterwards. */
  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Begins a message with nfnetlink's own header: family, version 0, `resource`. */
  begin(type: number, flags: number, [family, resource]: readonly [number, number]): void {
    const start = this.#room(NLMSG_HEADER + 4);
    this.#sequence += 1;
    this.#message = start;
    put16(this.#buffer, start + 4, type);
    put16(this.#buffer, start + 6, flags | NLM_F_REQUEST);
    put32(this.#buffer, start + 8, this.#sequence);
    put32(this.#buffer, start + 12, 0);
    this.#buffer[start + 16] = family;
    this.#buffer[start + 17] = 0;
    putBig16(this.#buffer, start + 18, resource);
  }

  /** Ends the message. */
  end(): void {
    put32(this.#buffer, this.#message, this.#length - this.#message);
  }

  /** Begins a nested attribute; hand what this answers to `close`. */
  open(type: number): number {
    const start = this.#room(ATTRIBUTE_HEADER);
    put16(this.#buffer, start + 2, type | NLA_F_NESTED);
    return start;
  }

  /** Ends a nested attribute. */
  close(start: number): void {
    this.#buffer.writeUInt16LE(this.#length - start, start);
  }

  /** Adds flags to the message that was written last. */
  flagLast(flags: number): void {
    const at = this.#message + 6;
    put16(this.#buffer, at, this.#buffer.readUInt16LE(at) | flags);
  }

  /** An attribute of 8 bits. */
  u8(type: number, value: number): void {
    const at = this.#attribute(type, 1);
    this.#buffer[at] = value;
  }

  /** An attribute of 16 bits. */
  u16(type: number, value: number): void {
    const at = this.#attribute(type, 2);
    this.#buffer.writeUInt16BE(value, at);
  }

  /** An attribute of 32 bits. */
  u32(type: number, value: number): void {
    const at = this.#attribute(type, 4);
    putBig32(this.#buffer, at, value);
  }

  /** An attribute of 64 bits. */
  u64(type: number, value: number): void {
    const at = this.#attribute(type, 8);
    this.#buffer.writeBigUInt64BE(BigInt(value), at);
  }

  /** A text that ends with a zero. */
  text(type: number, value: string): void {
    const length = isAscii(value) ? value.length : Buffer.byteLength(value);
    const at = this.#attribute(type, length + 1);
    // Names are short: that many calls of `write` would take longer.
    if (length === value.length)
      for (let i = 0; i < length; i++) this.#buffer[at + i] = value.charCodeAt(i);
    else this.#buffer.write(value, at);
    this.#buffer[at + length] = 0;
  }

  /** Bytes as they are. */
  bytes(type: number, value: Uint8Array): void {
    const at = this.#attribute(type, value.length);
    this.#buffer.set(value, at);
  }

  // Where the payload goes; the buffer may be another one afterwards.
  #attribute(type: number, length: number): number {
    const start = this.#room(ATTRIBUTE_HEADER + length);
    this.#buffer.writeUInt16LE(ATTRIBUTE_HEADER + length, start);
    put16(this.#buffer, start + 2, type);
    return start + ATTRIBUTE_HEADER;
  }

  // Padded to four bytes with zeros.
  #room(length: number): number {
    const start = this.#length;
    const end = start + ((length + 3) & ~3);
    if (end > this.#buffer.length) this.#grow(end);
    for (let at = start + length; at < end; at++) this.#buffer[at] = 0;
    this.#length = end;
    return start;
  }

  #grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

// Buffer's own writers check what they are given, which takes a while; that stays where something might not fit.
function put16(buffer: Buffer, at: number, value: number): void {
  buffer[at] = value;
  buffer[at + 1] = value >>> 8;
}

function put32(buffer: Buffer, at: number, value: number): void {
  put16(buffer, at, value);
  put16(buffer, at + 2, value >>> 16);
}

function putBig16(buffer: Buffer, at: number, value: number): void {
  buffer[at] = value >>> 8;
  buffer[at + 1] = value;
}

function putBig32(buffer: Buffer, at: number, value: number): void {
  putBig16(buffer, at, value >>> 16);
  putBig16(buffer, at + 2, value);
}
