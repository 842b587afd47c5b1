import { attributeOrEmpty, HEADER_LENGTH, NLM_F, NLMSG, parseAttributes } from './message.ts';
import type { NetlinkMessage } from './message.ts';

/** What one message means for the request it answers. */
export type Answer =
  | { readonly kind: 'part'; readonly message: NetlinkMessage }
  | { readonly kind: 'end' }
  | { readonly kind: 'noise' }
  /** `errno` is positive; `detail` is the kernel's own sentence (extended acknowledgement), often empty. */
  | { readonly kind: 'refused'; readonly errno: number; readonly detail: string };

const NLMSGERR_ATTR_MSG = 1;
const EPROTO = 71;

/** Reads one message of an answer. Pure; anything malformed is a refusal with EPROTO. */
export function readAnswer(message: NetlinkMessage): Answer {
  switch (message.type) {
    case NLMSG.noop:
      return { kind: 'noise' };
    case NLMSG.done:
      // Since Linux 4.15 the end of a dump carries the dump's own result.
      return message.payload.length < 4 ? { kind: 'end' } : readResult(message, 4);
    case NLMSG.error:
      return message.payload.length < 4
        ? { kind: 'refused', errno: EPROTO, detail: 'truncated NLMSG_ERROR' }
        : readResult(message, 4 + HEADER_LENGTH);
    default:
      return { kind: 'part', message };
  }
}

// Relies on NETLINK_CAP_ACK: of the request only the header is echoed before the attributes.
function readResult(message: NetlinkMessage, attributesAt: number): Answer {
  const errno = -message.payload.readInt32LE(0);
  if (errno <= 0) return { kind: 'end' };
  if ((message.flags & NLM_F.ackTlvs) === 0) return { kind: 'refused', errno, detail: '' };
  const attributes = parseAttributes(message.payload.subarray(attributesAt));
  const text = attributeOrEmpty(attributes, NLMSGERR_ATTR_MSG).toString('utf8');
  return { kind: 'refused', errno, detail: text.replace(/\0+$/, '') };
}
