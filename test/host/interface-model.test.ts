import assert from 'node:assert/strict';
import { InterfaceModel } from '../../src/host/interface-model.ts';
import type { RtnetlinkEvent } from '../../src/host/rtnetlink-message.ts';

function link(index: number, name: string, state: 'down' | 'up' | 'running'): RtnetlinkEvent {
  return { kind: 'link', index, name, up: state !== 'down', running: state === 'running' };
}

function route(index: number, address: string, key = '32:0:'): RtnetlinkEvent {
  return { kind: 'local-route', index, address, key };
}

function routeGone(index: number, address: string, key = '32:0:'): RtnetlinkEvent {
  return { kind: 'local-route-gone', index, address, key };
}

function modelOf(...events: readonly RtnetlinkEvent[]): InterfaceModel {
  const model = new InterfaceModel();
  for (const event of events) model.apply(event);
  return model;
}

describe('InterfaceModel', () => {
  it('orders interfaces and addresses bytewise', () => {
    const model = modelOf(
      link(3, 'eth10', 'up'),
      link(2, 'eth1', 'up'),
      link(4, 'Eth0', 'running'),
      route(2, '10.0.0.9'),
      route(2, '10.0.0.10'),
    );
    assert.deepEqual(model.inventory(), [
      { index: 4, name: 'Eth0', running: true, addresses: [] },
      { index: 2, name: 'eth1', running: false, addresses: ['10.0.0.10', '10.0.0.9'] },
      { index: 3, name: 'eth10', running: false, addresses: [] },
    ]);
  });

  it('keeps an address while one of its routes is left', () => {
    const model = modelOf(
      link(2, 'a', 'up'),
      route(2, '10.0.0.0', '32:0:'),
      route(2, '10.0.0.0', '24:0:'),
    );
    assert.equal(model.apply(routeGone(2, '10.0.0.0', '24:0:')), 'none');
    assert.deepEqual(model.inventory()[0]?.addresses, ['10.0.0.0']);
    assert.equal(model.apply(routeGone(2, '10.0.0.0', '32:0:')), 'changed');
    assert.deepEqual(model.inventory()[0]?.addresses, []);
  });

  it('keeps one address on two interfaces apart', () => {
    const model = modelOf(
      link(2, 'a', 'up'),
      link(3, 'b', 'up'),
      route(2, '10.0.0.1'),
      route(3, '10.0.0.1'),
    );
    model.apply(routeGone(2, '10.0.0.1'));
    assert.deepEqual(
      model.inventory().map(({ addresses }) => addresses),
      [[], ['10.0.0.1']],
    );
  });

  it('accepts a route before its link', () => {
    const model = modelOf(route(2, '10.0.0.1'));
    assert.deepEqual(model.inventory(), []);
    model.apply(link(2, 'a', 'up'));
    assert.deepEqual(model.inventory()[0]?.addresses, ['10.0.0.1']);
  });

  it('forgets the routes of a link that is gone, also for a later link of the same index', () => {
    const model = modelOf(link(2, 'a', 'up'), route(2, '10.0.0.1'));
    assert.equal(model.apply({ kind: 'link-gone', index: 2 }), 'changed');
    model.apply(link(2, 'b', 'up'));
    assert.deepEqual(model.inventory(), [{ index: 2, name: 'b', running: false, addresses: [] }]);
  });

  it('renames in place', () => {
    const model = modelOf(link(2, 'a', 'up'), route(2, '10.0.0.1'));
    assert.equal(model.apply(link(2, 'b', 'up')), 'changed');
    assert.deepEqual(model.inventory(), [
      { index: 2, name: 'b', running: false, addresses: ['10.0.0.1'] },
    ]);
  });

  it('says none for events that change nothing', () => {
    const model = modelOf(link(2, 'a', 'running'), route(2, '10.0.0.1'));
    const events = [
      link(2, 'a', 'running'),
      route(2, '10.0.0.1'),
      routeGone(2, '10.0.0.2'),
      routeGone(9, '10.0.0.1'),
      { kind: 'link-gone', index: 9 } as const,
    ];
    assert.deepEqual(
      events.map((event) => model.apply(event)),
      events.map(() => 'none'),
    );
  });

  it('is uncertain when an interface is taken down, since its routes may vanish unannounced', () => {
    const model = modelOf(link(2, 'a', 'running'));
    assert.equal(model.apply(link(2, 'a', 'down')), 'uncertain');
    assert.equal(model.apply({ kind: 'uncertain' }), 'uncertain');
  });
});
