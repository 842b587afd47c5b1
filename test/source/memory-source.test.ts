import assert from 'node:assert/strict';
import { createMemorySource } from '../../src/source/memory-source.ts';
import { Recorder } from './recorder.ts';
import { describeSourceContract } from './source-contract.ts';

describeSourceContract('createMemorySource', () => {
  const source = createMemorySource();
  const now = (task: () => void): Promise<void> => {
    task();
    return Promise.resolve();
  };
  return Promise.resolve({
    source,
    change: (changes) =>
      now(() => {
        source.transaction(changes);
      }),
    away: () =>
      now(() => {
        source.lose(new Error('gone'));
      }),
    back: () =>
      now(() => {
        source.recover();
      }),
    dispose: () => Promise.resolve(),
  });
});

describe('createMemorySource', () => {
  it('counts every mutation as one revision', async () => {
    const source = createMemorySource();
    const heard = new Recorder();
    source.put('/k', 'one');
    source.start(heard.listener);
    source.transaction([
      { key: '/k', value: 'two' },
      { key: '/l', value: Uint8Array.of(0xff, 0) },
    ]);
    await heard.has('/k', 'two');
    assert.deepEqual(
      heard.of('updates').map(({ revision }) => revision),
      [1, 2],
    );
    assert.equal(heard.state.get('/l'), '\u00ff\u0000');
  });

  it('says lost when it is started while lost, and syncs on recover', async () => {
    const source = createMemorySource();
    const heard = new Recorder();
    source.lose(new Error('cable out'));
    source.start(heard.listener);
    source.lose(new Error('still out'));
    source.delete('/absent');
    const found = heard.next('in-sync');
    source.recover();
    assert.deepEqual(await found, { kind: 'in-sync', revision: 1 });
    assert.deepEqual(
      heard.of('lost').map(({ error }) => error.message),
      ['cable out'],
    );
  });

  it('passes problems on', async () => {
    const source = createMemorySource();
    const heard = new Recorder();
    source.start(heard.listener);
    const problem = {
      severity: 'warning',
      code: 'x',
      object: 'o',
      field: '',
      message: 'm',
    } as const;
    const told = heard.next('problems');
    source.report([problem]);
    assert.deepEqual((await told).problems, [problem]);
  });
});
