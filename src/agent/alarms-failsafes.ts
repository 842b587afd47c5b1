import { BlockList, isIP } from 'node:net';
import type { DataplaneSettings } from '../config/felix-settings.ts';
import type { AlarmInputs } from './alarms-inputs.ts';
import { faultAbout } from './fault.ts';
import type { Fault } from './fault.ts';

type FailsafeInputs = Pick<AlarmInputs, 'resolution' | 'failsafes' | 'datastoreEndpoints'>;
type Failsafes = DataplaneSettings['failsafeInbound'];

const TCP = 6;
const SSH = 22;

/**
 * Whether one wrong policy could cut this host off: failsafe ports that do not reach etcd, or leave SSH out.
 * Hosts without any endpoint are not cut off by policy.
 */
export function failsafeFaults({
  resolution,
  failsafes,
  datastoreEndpoints,
}: FailsafeInputs): readonly Fault[] {
  if (failsafes === null || (resolution?.policy.endpoints.length ?? 0) === 0) return [];
  const lost = datastoreEndpoints.filter((url) => !reaches(failsafes.failsafeOutbound, url));
  return [
    ...faultAbout(
      'failsafe-datastore',
      lost,
      (named) =>
        `failsafeOutboundHostPorts does not cover etcd (${named}): one wrong policy cuts this host off from the policy that would mend it. Add these ports, such as tcp:2379`,
    ),
    ...sshFaults(failsafes.failsafeInbound),
  ];
}

function sshFaults(inbound: Failsafes): readonly Fault[] {
  if (inbound.some(({ protocol, port }) => protocol === TCP && port === SSH)) return [];
  const message =
    'failsafeInboundHostPorts does not cover SSH (tcp:22): one wrong policy locks everybody out of this host. Add tcp:22, or tcp:<network>:22 for some networks only';
  return [{ code: 'failsafe-ssh', objects: ['tcp:22'], message }];
}

// What a host name stands for is not known here: any failsafe of the right port counts for it.
function reaches(outbound: Failsafes, url: string): boolean {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  if (isLoopback(host)) return true;
  const number = Number(port === '' ? defaultPort(url) : port);
  const entries = outbound.filter((entry) => entry.protocol === TCP && entry.port === number);
  return entries.some(({ net }) => net === null || isIP(host) === 0 || contains(net, host));
}

// URL drops the port that is its scheme's own.
function defaultPort(url: string): string {
  return /:(\d+)\/*$/.exec(url)?.[1] ?? '2379';
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function contains(net: string, address: string): boolean {
  const [base = '', prefix = ''] = net.split('/');
  if (isIP(base) !== isIP(address)) return false;
  const list = new BlockList();
  list.addSubnet(base, Number(prefix), isIP(base) === 6 ? 'ipv6' : 'ipv4');
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}
