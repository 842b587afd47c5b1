import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { ruleText } from '../../src/explain/rule-text.ts';
import { entity, rule, selector } from '../support/resources.ts';

describe('ruleText', () => {
  it('says what a rule asks for, the header first, then both ends', () => {
    const ports = {
      numeric: [
        { from: 80, to: 80 },
        { from: 8000, to: 8010 },
      ],
      named: ['web'],
    };
    const web = rule('Allow', {
      protocol: 6,
      source: entity({ nets: ['10.0.0.0/8', '192.0.2.1/32'], notNets: ['10.1.0.0/16'] }),
      destination: entity({ ports }),
    });
    assert.equal(
      ruleText(web),
      'TCP, from 10.0.0.0/8, 192.0.2.1/32 and not 10.1.0.0/16, to ports 80, 8000:8010, web',
    );
    const selected = rule('Deny', {
      ipVersion: 6,
      notProtocol: 17,
      source: entity({ selector: selector("role == 'web'") }),
      destination: entity({
        notSelector: selector('has(x)'),
        notPorts: { numeric: [], named: ['a'] },
      }),
    });
    assert.equal(
      ruleText(selected),
      'IPv6 not UDP, from role == "web", to not (has(x)) and not port a',
    );
  });

  it('shows ICMP types and codes', () => {
    const echo = rule('Allow', { protocol: 1, icmp: { type: 8, code: null } });
    assert.equal(ruleText(echo), 'ICMP type 8');
    const unreachable = rule('Allow', { protocol: 1, notICMP: { type: 3, code: 4 } });
    assert.equal(ruleText(unreachable), 'ICMP not type 3 code 4');
  });

  it('has words for rules that match everything, and nothing', () => {
    assert.equal(ruleText(rule('Allow')), 'everything');
    assert.equal(ruleText(rule('Allow', { neverMatches: 'HTTP' })), 'never matches: HTTP');
  });
});
