/** Numbers of include/uapi/linux/netfilter/nf_tables.h and nfnetlink.h that batches are written with. */
export const NFNL_SUBSYS_NFTABLES = 10;
export const NFNL_MSG_BATCH = { begin: 0x10, end: 0x11 } as const;
export const NLM_F_ACK = 0x4;
export const NLM_F_CREATE = 0x400;
export const NLM_F_APPEND = 0x800;

/** Message types within the subsystem. */
export const MESSAGE = {
  newTable: 0,
  deleteTable: 2,
  newChain: 3,
  deleteChain: 5,
  newRule: 6,
  deleteRule: 8,
  newSet: 9,
  deleteSet: 11,
  newElements: 12,
  deleteElements: 14,
  newObject: 18,
  deleteObject: 20,
} as const;

export const TABLE_FLAGS = 2;
/** An entry of any list. */
export const LIST_ITEM = 1;
export const CHAIN = { name: 3, hook: 4, policy: 5, type: 7 } as const;
export const HOOK = { number: 1, priority: 2 } as const;
export const RULE = { chain: 2, expressions: 4, userData: 7 } as const;
export const SET = {
  name: 2,
  flags: 3,
  keyType: 4,
  keyLength: 5,
  dataType: 6,
  dataLength: 7,
  description: 9,
  id: 10,
  userData: 13,
} as const;
export const SET_FLAG = { anonymous: 1, constant: 2, interval: 4, map: 8 } as const;
export const ELEMENTS = { set: 2, list: 3, setId: 4 } as const;
export const ELEMENT = { key: 1, data: 2, flags: 3, userData: 6 } as const;
export const ELEMENT_INTERVAL_END = 1;
export const DATA = { value: 1, verdict: 2 } as const;
export const VERDICT = { code: 1, chain: 2 } as const;
export const OBJECT = { name: 2, type: 3, data: 4 } as const;
export const OBJECT_COUNTER = 1;
export const COUNTER = { bytes: 1, packets: 2 } as const;
export const EXPRESSION = { name: 1, data: 2 } as const;
