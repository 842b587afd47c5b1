import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'mocha';
import { parseAllDocuments } from 'yaml';
import { admitManifest } from '../../src/resource/admit.ts';
import { COMMANDS } from '../../daemon/ctl/commands.ts';
import { EXIT } from '../../daemon/exit-codes.ts';

const README = readFileSync('README.md', 'utf8');

describe('README.md', () => {
  it('shows manifests that are admitted as they stand', () => {
    const blocks = [...README.matchAll(/```yaml\n([^]*?)```/g)].map(([, text]) => text ?? '');
    assert.ok(blocks.length > 0);
    for (const block of blocks) {
      for (const document of parseAllDocuments(block)) {
        assert.deepEqual(admitManifest(document.toJS()).problems, [], block);
      }
    }
  });

  it('names npm scripts that exist', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      scripts: Record<string, string>;
    };
    const named = [...README.matchAll(/npm (?:run )?(demo|test|build|bench|check)/g)];
    assert.ok(named.length >= 3);
    for (const [, name] of named) assert.ok(name !== undefined && name in scripts, name);
  });

  it('lists the exit codes of rampartd as they are', () => {
    const listed = [...README.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    const codes: readonly number[] = Object.values(EXIT);
    for (const code of listed) assert.ok(codes.includes(code), String(code));
  });

  it('asks what the help of rampartctl has as an example, which is run', () => {
    const examples = COMMANDS.flatMap((command) => command.examples.map(({ line }) => line));
    const asked = [...README.matchAll(/^rampartctl .*$/gm)].map(([line]) => line);
    assert.ok(asked.length >= 5);
    for (const line of asked) assert.ok(examples.includes(line), line);
  });

  it('links to pages that exist', () => {
    for (const [, target] of README.matchAll(/\]\(([^)#:]+)\)/g)) {
      assert.ok(readFileSync(target ?? '', 'utf8').length > 0, target);
    }
  });
});
