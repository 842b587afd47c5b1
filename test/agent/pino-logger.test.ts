import assert from 'node:assert/strict';
import { fstatSync } from 'node:fs';
import { createPinoLogger, isJournalStream } from '../../src/agent/pino-logger.ts';
import type { LevelledLogger, LogLevel } from '../../src/agent/pino-logger.ts';

interface Options {
  readonly format: 'json' | 'text';
  readonly isJournal: boolean;
  readonly level: LogLevel;
}

function recording({ format = 'text', isJournal = false, level = 'debug' }: Partial<Options>): {
  readonly logger: LevelledLogger;
  readonly lines: string[];
} {
  const lines: string[] = [];
  const write = (text: string): void => {
    lines.push(text);
  };
  return { logger: createPinoLogger({ level, format, isJournal, write }), lines };
}

const LEVELS = [
  ['debug', 7],
  ['info', 6],
  ['warn', 4],
  ['error', 3],
] as const;

describe('createPinoLogger', () => {
  for (const format of ['text', 'json'] as const) {
    for (const [level, priority] of LEVELS) {
      it(`gives ${format} of level ${level} syslog priority ${priority} in the journal`, () => {
        const { logger, lines } = recording({ format, isJournal: true });
        logger[level]({ revision: 7 }, 'applied');
        assert.equal(lines.length, 1);
        assert.match(lines[0] ?? '', new RegExp(`^<${priority}>`));
      });
    }
  }

  it('writes text for people: time, level, message, fields', () => {
    const { logger, lines } = recording({});
    logger.warn({ revision: 7, why: 'two words', list: ['Tier a', '+1 more'] }, 'not applied');
    assert.match(
      lines[0] ?? '',
      /^\d{4}-\d\d-\d\dT[\d:.]+Z warn {2}not applied revision=7 why="two words" list="Tier a, \+1 more"\n$/,
    );
  });

  it('writes text without the time into the journal, which has its own', () => {
    const { logger, lines } = recording({ isJournal: true });
    logger.info({ revision: 7 }, 'applied');
    assert.deepEqual(lines, ['<6>applied revision=7\n']);
  });

  it('keeps an entry on one line, because the journal would make two of it', () => {
    const { logger, lines } = recording({ isJournal: true });
    logger.error({ error: 'nft:\nline two' }, 'first\n  second');
    assert.deepEqual(lines, ['<3>first second error="nft:\\nline two"\n']);
  });

  it('writes JSON that is one object a line, with the level as a word', () => {
    const { logger, lines } = recording({ format: 'json' });
    logger.info({ changed: ['Tier t'] }, 'applied');
    const { time, ...rest } = JSON.parse(lines[0] ?? '') as Record<string, unknown>;
    assert.deepEqual(rest, { level: 'info', changed: ['Tier t'], msg: 'applied' });
    assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  });

  it('writes JSON into the journal that is whole after the priority', () => {
    const { logger, lines } = recording({ format: 'json', isJournal: true });
    logger.warn({}, 'careful');
    const { msg } = JSON.parse((lines[0] ?? '').slice(3)) as Record<string, unknown>;
    assert.equal(msg, 'careful');
  });

  it('changes its level while it is in use', () => {
    const { logger, lines } = recording({ level: 'warn', isJournal: true });
    logger.info({}, 'one');
    logger.setLevel('info');
    logger.info({}, 'two');
    assert.deepEqual(lines, ['<6>two\n']);
  });

  it('hides what is called a secret', () => {
    const { logger, lines } = recording({ format: 'json' });
    logger.error({ password: 'hunter2', login: { name: 'a', token: 'hunter2' } }, 'x');
    assert.equal(lines.join('').includes('hunter2'), false);
  });
});

describe('isJournalStream', () => {
  const { dev, ino } = fstatSync(0);
  it('knows the journal by device and inode', () => {
    assert.equal(isJournalStream(`${dev}:${ino}`, 0), true);
  });
  it('is false for an inherited variable that speaks of another stream', () => {
    assert.equal(isJournalStream(`${dev}:${ino + 1}`, 0), false);
  });
  it('is false without the variable', () => {
    assert.equal(isJournalStream(undefined, 0), false);
  });
});
