import assert from 'node:assert/strict';
import {
  endpointStatusKey,
  endpointStatusPrefix,
  endpointStatusValue,
  processStatusKeys,
  processStatusValue,
} from '../../src/status/felix-status.ts';
import { NOW } from './sample-status.ts';

describe('felix-status', () => {
  it('keeps the state of an endpoint where Felix does', () => {
    assert.equal(endpointStatusPrefix('web01'), '/calico/felix/v1/host/web01/endpoint/');
    assert.equal(
      endpointStatusKey('web01', 'eth0-hep'),
      '/calico/felix/v1/host/web01/endpoint/eth0-hep',
    );
    assert.equal(endpointStatusValue('down'), '{"status":"down"}');
  });

  it('escapes names as Felix does', () => {
    const prefix = endpointStatusPrefix('n');
    assert.equal(endpointStatusKey('n', 'a/b%2f'), `${prefix}a%2fb%252f`);
  });

  it('keeps the state of the process where Felix does', () => {
    assert.deepEqual(processStatusKeys('web01'), {
      status: '/calico/felix/v2/no-region/host/web01/status',
      lastReported: '/calico/felix/v2/no-region/host/web01/last_reported_status',
    });
  });

  it('tells the time without fractions and the uptime in seconds', () => {
    const value = processStatusValue({ now: NOW + 250, startedAt: NOW - 1250, isFirst: true });
    assert.equal(value, '{"time":"2026-01-02T03:04:05Z","uptime":1.5,"first_update":true}');
  });
});
