import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ProblemBook } from '../../src/agent/problem-book.ts';
import type { Logger } from '../../src/base/logger.ts';
import type { Problem } from '../../src/base/problem.ts';

function problem(message: string, severity: Problem['severity'] = 'error'): Problem {
  return { severity, code: 'x', object: 'Tier t', field: 'spec', message };
}

function recorder(): { readonly logger: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const at = (level: string) => (_fields: unknown, message: string) => {
    lines.push(`${level} ${message}`);
  };
  const logger = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  return { logger, lines };
}

describe('ProblemBook', () => {
  it('logs a problem when it appears and when it is gone, and not in between', () => {
    const { logger, lines } = recorder();
    const book = new ProblemBook(logger);
    book.report('a', [problem('one')]);
    book.report('a', [problem('one'), problem('two', 'warning')]);
    book.report('a', [problem('two', 'warning')]);
    book.report('a', []);
    assert.deepEqual(lines, [
      'error Tier t: spec: one',
      'warn Tier t: spec: two',
      'info problem solved',
      'info problem solved',
    ]);
  });

  it('keeps the problems of each origin apart', () => {
    const book = new ProblemBook(recorder().logger);
    book.report('a', [problem('one')]);
    book.report('b', [problem('two')]);
    book.report('a', []);
    assert.deepEqual(book.all(), [problem('two')]);
  });
});
