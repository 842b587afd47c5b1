import {
  always,
  integer,
  labels,
  listOf,
  port,
  protocol,
  string,
  strings,
  struct,
  whenSet,
} from './schema.ts';
import type { Infer } from './schema.ts';

const icmpSchema = struct({ type: whenSet(integer), code: whenSet(integer) });

const serviceSchema = struct({ name: string, namespace: string });

const serviceAccountSchema = struct({ names: strings, selector: string });

/** Calico's EntityRule. */
export const entitySchema = struct({
  nets: strings,
  selector: string,
  namespaceSelector: string,
  services: whenSet(serviceSchema),
  ports: listOf(port),
  notNets: strings,
  notSelector: string,
  notPorts: listOf(port),
  serviceAccounts: whenSet(serviceAccountSchema),
});

const httpSchema = struct({
  methods: strings,
  paths: listOf(struct({ exact: string, prefix: string })),
});

/** Calico's Rule. */
export const ruleSchema = struct({
  action: always(string),
  ipVersion: whenSet(integer),
  protocol: whenSet(protocol),
  icmp: whenSet(icmpSchema),
  notProtocol: whenSet(protocol),
  notICMP: whenSet(icmpSchema),
  source: entitySchema,
  destination: entitySchema,
  http: whenSet(httpSchema),
  metadata: whenSet(struct({ annotations: labels })),
});

/** A rule as stored. */
export type StoredRule = Infer<typeof ruleSchema>;
/** One side of a rule as stored. */
export type StoredEntity = Infer<typeof entitySchema>;
/** `icmp` or `notICMP` as stored. */
export type StoredIcmp = Infer<typeof icmpSchema>;
/** `http` as stored. */
export type StoredHttp = Infer<typeof httpSchema>;
