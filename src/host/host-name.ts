import { hostname } from 'node:os';

/**
 * The node name Calico gives this machine when nobody sets one: the operating system's host name, trimmed and
 * lower-cased, domain kept. A HostEndpoint is local when its `spec.node` is exactly this text.
 */
export function defaultNodeName(hostName: string = hostname()): string {
  return hostName.trim().toLowerCase();
}

/** Whether Calico accepts `text` as a node name (FelixHostname). A name that was set is used as it is, case included. */
export function isNodeName(text: string): boolean {
  return /^[a-zA-Z0-9_.-]+$/.test(text);
}
