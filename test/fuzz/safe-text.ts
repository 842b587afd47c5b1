import assert from 'node:assert/strict';
import type { Rule, Ruleset } from '../../src/ruleset/ruleset.ts';

/** Asserts that nothing in a ruleset can mean anything but itself in nft's syntax, in a log or on a terminal. */
export function assertSafe({ chains, sets, counters }: Ruleset): void {
  for (const name of [...chains.keys(), ...sets.keys(), ...counters]) {
    assert.match(name, /^[A-Za-z][A-Za-z0-9/._-]{0,254}$/);
  }
  for (const { rules } of chains.values()) for (const rule of rules) assertSafeRule(rule);
  for (const { elements } of sets.values())
    for (const element of elements) assert.match(element, /^[0-9a-f.:/ ]+$/);
}

function assertSafeRule({ comment, matches, statements }: Rule): void {
  assert.match(comment, /^[A-Za-z0-9 ._/:=,()-]{0,128}$/);
  for (const match of matches) if ('names' in match) match.names.forEach(assertSafeInterface);
  for (const statement of statements) {
    if (statement.kind === 'log') assertSafePrefix(statement.prefix);
    if (statement.kind === 'verdict' && statement.verdict.kind === 'dispatch')
      [...statement.verdict.chains.keys()].forEach(assertSafeInterface);
  }
}

function assertSafePrefix(prefix: string): void {
  assert.ok(Buffer.byteLength(prefix) <= 127, prefix);
  assert.doesNotMatch(prefix, /["\u0000-\u001f\u007f]/);
}

function assertSafeInterface(name: string): void {
  assert.ok(Buffer.byteLength(name) <= 15, name);
  assert.doesNotMatch(name, /["\s/\\\u0000-\u001f\u007f]|^$/);
}
