import type { OptionSpec } from '../command.ts';

/** Options of the commands that answer from a directory of manifests. */
export const RESOURCES: OptionSpec = {
  flags: '--resources <dir>',
  about:
    'read Calico manifests (*.yaml, *.yml, *.json) from this directory instead of asking rampartd',
};
export const NODE: OptionSpec = {
  flags: '--node <name>',
  about: 'the host, as spec.node of its HostEndpoints says it',
};
export const INTERFACES: OptionSpec = {
  flags: '--interface <name=addresses>',
  about:
    'an interface and its addresses, such as eth0=198.51.100.1,2001:db8:1::1, for host endpoints that are matched by address; may be given several times',
  repeats: true,
};
export const OBSERVE: OptionSpec = {
  flags: '--observe',
  about: 'as on a host with enforcement: observe, where denials are only counted',
};
