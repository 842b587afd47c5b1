import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { defaultNodeName, isNodeName } from '../../src/host/host-name.ts';

describe('defaultNodeName', () => {
  for (const [hostName, expected] of [
    ['Web01', 'web01'],
    ['  db-2.Example.COM\n', 'db-2.example.com'],
    ['already_fine', 'already_fine'],
  ] as const) {
    it(`makes ${JSON.stringify(expected)} of ${JSON.stringify(hostName)}`, () => {
      assert.equal(defaultNodeName(hostName), expected);
    });
  }

  it("takes the operating system's name when none is given", () => {
    assert.equal(defaultNodeName(), defaultNodeName(hostname()));
  });
});

describe('isNodeName', () => {
  for (const name of ['Web01', 'a.b-c_d', '0']) {
    it(`accepts ${name}`, () => {
      assert.equal(isNodeName(name), true);
    });
  }

  for (const name of ['', 'a b', 'web01\n', 'ä', 'a/b']) {
    it(`refuses ${JSON.stringify(name)}`, () => {
      assert.equal(isNodeName(name), false);
    });
  }
});
