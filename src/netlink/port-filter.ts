/** Messages that a socket does not want to hear. */
export interface UnwantedMessages {
  /** Those that came about through this port. */
  readonly portId: number;
  /** But for those of this type. */
  readonly exceptType: number;
}

// Instructions of classic BPF (include/uapi/linux/bpf_common.h).
const LOAD_WORD = 0x20;
const LOAD_HALF = 0x28;
const JUMP_IF_EQUAL = 0x15;
const RETURN = 0x06;

// Places in struct nlmsghdr.
const TYPE = 4;
const PORT_ID = 12;

const EVERYTHING = 0xffffffff;
const NOTHING = 0;

/** Length of an instruction, struct sock_filter. */
export const INSTRUCTION_BYTES = 8;

/**
 * A socket filter (BPF) that lets the kernel drop these messages before they take room or wake anybody. It looks at the first
 * message of a datagram: nf_tables puts those of one transaction together, and the end of it into a datagram of its own.
 */
export function portFilter({ portId, exceptType }: UnwantedMessages): Buffer {
  return Buffer.concat([
    instruction(LOAD_WORD, PORT_ID),
    instruction(JUMP_IF_EQUAL, swapped(portId, 4), [0, 2]),
    instruction(LOAD_HALF, TYPE),
    instruction(JUMP_IF_EQUAL, swapped(exceptType, 2), [0, 1]),
    instruction(RETURN, EVERYTHING),
    instruction(RETURN, NOTHING),
  ]);
}

/** `jumps`: how many instructions are passed over, where the comparison holds and where it does not. */
function instruction(
  code: number,
  operand: number,
  jumps: readonly [number, number] = [0, 0],
): Buffer {
  const bytes = Buffer.alloc(INSTRUCTION_BYTES);
  bytes.writeUInt16LE(code, 0);
  bytes.set(jumps, 2);
  bytes.writeUInt32LE(operand, 4);
  return bytes;
}

// BPF loads in network byte order, netlink is in that of the machine.
function swapped(value: number, length: 2 | 4): number {
  const bytes = Buffer.alloc(length);
  bytes.writeUIntLE(value, 0, length);
  return bytes.readUIntBE(0, length);
}
