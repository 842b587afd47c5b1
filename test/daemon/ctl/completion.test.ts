import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, it } from 'mocha';
import { ctl } from './run.ts';

async function complete(...words: readonly string[]): Promise<readonly string[]> {
  const { out } = await ctl(['completion', 'bash']);
  const list = words.map((word) => `'${word}'`).join(' ');
  const ask = `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _rampartctl; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['-c', `${out}\n${ask}`], { encoding: 'utf8' });
  return said.split('\n').filter((line) => line !== '');
}

describe('rampartctl completion', () => {
  it('completes commands, options and values in bash', async () => {
    assert.deepEqual(await complete('rampartctl', 'ex'), ['explain']);
    assert.deepEqual(await complete('rampartctl', 'render', '--res'), ['--resources']);
    assert.deepEqual(await complete('rampartctl', 'check', '-o', 'j'), ['json']);
    assert.deepEqual(await complete('rampartctl', 'explain', '--state', 'est'), ['established']);
    assert.deepEqual(await complete('rampartctl', 'completion', 'z'), ['zsh']);
    assert.deepEqual(await complete('rampartctl', 'report', '-o', ''), [
      'md',
      'html',
      'json',
      'yaml',
    ]);
  });

  it('uses the same function in zsh', async () => {
    const { out } = await ctl(['completion', 'zsh']);
    assert.match(out, /^autoload -U \+X bashcompinit && bashcompinit\n_rampartctl\(\) \{\n/);
  });

  it('suggests the nearest shell', async () => {
    const { exitCode, err } = await ctl(['completion', 'bsh']);
    assert.equal(exitCode, 64);
    assert.match(err, /no shell is called "bsh"; did you mean "bash"\?/);
  });
});
