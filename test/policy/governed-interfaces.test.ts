import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { matchHostEndpoints } from '../../src/policy/governed-interfaces.ts';
import type { HostEndpoint } from '../../src/resource/resource.ts';
import { hostEndpoint } from '../support/resources.ts';

const ETH0 = { name: 'eth0', running: true, addresses: ['10.0.1.1', 'fd00:1::1'] };
const ETH1 = { name: 'eth1', running: false, addresses: ['10.0.2.1'] };
const byAddress = (name: string, ...expectedIPs: readonly string[]): HostEndpoint =>
  hostEndpoint(name, { interfaceName: '', expectedIPs });

/** `name=interfaces:state`, in order. */
function matched(
  endpoints: readonly HostEndpoint[],
  isExcluded: (name: string) => boolean = () => false,
): string {
  return matchHostEndpoints(endpoints, [ETH0, ETH1], isExcluded)
    .map(({ hostEndpoint: { name }, interfaces, state }) => {
      const list = typeof interfaces === 'string' ? interfaces : interfaces.join('+');
      return `${name}=${list}:${state}`;
    })
    .join(' ');
}

describe('matchHostEndpoints', () => {
  it('matches by name and ignores expected addresses then', () => {
    assert.equal(matched([hostEndpoint('a', { expectedIPs: ['192.0.2.1'] })]), 'a=eth0:up');
  });
  it('never matches another interface by address when a name is given', () => {
    const wrong = hostEndpoint('a', { interfaceName: 'eth9', expectedIPs: ['10.0.1.1'] });
    assert.equal(matched([wrong]), 'a=eth9:error');
  });
  it('matches by any address of either family, on several interfaces', () => {
    assert.equal(matched([byAddress('a', 'fd00:1::1', '10.0.2.1')]), 'a=eth0+eth1:down');
  });
  it('gives an interface to the smallest endpoint name, however it matched', () => {
    assert.equal(
      matched([hostEndpoint('b-by-name'), byAddress('a-by-ip', '10.0.1.1')]),
      'a-by-ip=eth0:up b-by-name=:error',
    );
  });
  it('governs a name before the interface exists', () => {
    assert.equal(matched([hostEndpoint('a', { interfaceName: 'wg0' })]), 'a=wg0:error');
  });
  it('keeps one endpoint for all interfaces, the smallest name', () => {
    const star = { interfaceName: '*' };
    assert.equal(
      matched([hostEndpoint('zzz', star), hostEndpoint('aaa', star)]),
      'aaa=*:up zzz=:error',
    );
  });
  it('leaves excluded interfaces alone, but not for the endpoint of all interfaces', () => {
    const endpoints = [hostEndpoint('a'), hostEndpoint('star', { interfaceName: '*' })];
    assert.equal(
      matched(endpoints, (name) => name === 'eth0'),
      'a=:error star=*:up',
    );
  });
  it('says down when one of its interfaces does not run', () => {
    assert.equal(matched([byAddress('a', '10.0.2.1')]), 'a=eth1:down');
  });
});
