import { bytesTag, numberTag } from './wire-reader.ts';

/** A field of a protobuf message that is bytes, a text or a message. */
export function bytesField(field: number, bytes: Buffer): Buffer {
  return Buffer.concat([number(bytesTag(field)), number(bytes.length), bytes]);
}

/** A field that is a whole number, not negative. */
export function numberField(field: number, value: number): Buffer {
  return Buffer.concat([number(numberTag(field)), number(value)]);
}

// As protobuf writes whole numbers: seven bits a byte, the lowest first.
function number(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return Buffer.from([...bytes, rest]);
}
