import assert from 'node:assert/strict';
import { endianness } from 'node:os';
import { parseTcpSessions } from '../../src/host/tcp-sessions.ts';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid';

describe('the established TCP sessions in /proc/self/net', () => {
  before(function () {
    // The texts below are those of a little-endian machine.
    if (endianness() !== 'LE') this.skip();
  });

  it('are read with both addresses and ports', () => {
    const line =
      '   1: 0101000A:0016 0901000A:9C40 01 00000000:00000000 00:00000000 00000000     0';
    assert.deepEqual(parseTcpSessions([HEAD, line, ''].join('\n')), [
      { family: 4, local: '10.0.1.1', localPort: 22, remote: '10.0.1.9', remotePort: 40000 },
    ]);
  });

  it('are of IPv4 where an IPv6 socket took them', () => {
    const line =
      '   0: 0000000000000000FFFF00000101000A:0016 0000000000000000FFFF00000901000A:9C40 01 0:0';
    const [session] = parseTcpSessions([HEAD, line].join('\n'));
    assert.deepEqual([session?.family, session?.local], [4, '10.0.1.1']);
  });

  it('are read for IPv6', () => {
    const line =
      '   0: B80D0120000000000000000001000000:0016 B80D0120000000000000000002000000:0400 01 0:0';
    const [session] = parseTcpSessions([HEAD, line].join('\n'));
    assert.deepEqual([session?.local, session?.remote], ['2001:db8::1', '2001:db8::2']);
  });

  it('are not those that only listen, or are over', () => {
    const lines = ['0A', '06'].map((state) => `   0: 0101000A:0016 00000000:0000 ${state} 0:0`);
    assert.deepEqual(parseTcpSessions([HEAD, ...lines].join('\n')), []);
  });
});
