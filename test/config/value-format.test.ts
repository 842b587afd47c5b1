import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ABSOLUTE_PATH,
  BOOLEAN,
  ENDPOINTS,
  LISTEN_HOST,
  NODE_NAME,
  oneOf,
  PORT,
  RUN_DIRECTORY,
} from '../../src/config/value-format.ts';

describe('BOOLEAN', () => {
  it('reads the words that Felix and YAML know, in any case', () => {
    for (const word of ['true', '1', 'Yes', 'y', 'T', 'on'])
      assert.equal(BOOLEAN.parse(word), true);
    for (const word of ['FALSE', '0', 'no', 'N', 'f', 'off'])
      assert.equal(BOOLEAN.parse(word), false);
  });

  it('refuses everything else', () => {
    for (const word of ['', 'ja', '2', ' true', 'enabled']) assert.equal(BOOLEAN.parse(word), null);
  });
});

describe('PORT', () => {
  it('reads exactly the decimal numbers from 0 to 65535', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999 }), (number) => {
        assert.equal(PORT.parse(String(number)), number <= 65_535 ? number : null);
      }),
    );
  });

  it('refuses what parseInt would have let through', () => {
    for (const text of ['80abc', '0x50', '1e3', '-1', '8 0', '80.0', '']) {
      assert.equal(PORT.parse(text), null, text);
    }
  });
});

describe('LISTEN_HOST', () => {
  it('reads addresses of both families and names', () => {
    for (const text of ['127.0.0.1', '::', '::1', 'fd00::1', 'localhost', 'web01.example.org']) {
      assert.equal(LISTEN_HOST.parse(text), text);
    }
  });

  it('refuses URLs, ports, brackets and blanks', () => {
    for (const text of ['http://x', '127.0.0.1:80', '[::1]', 'a b', '', '-x']) {
      assert.equal(LISTEN_HOST.parse(text), null, text);
    }
  });
});

describe('NODE_NAME', () => {
  it('reads what Felix accepts as a host name, verbatim', () => {
    for (const text of ['web01', 'Web_01.example.org', 'a'.repeat(253)]) {
      assert.equal(NODE_NAME.parse(text), text);
    }
  });

  it('refuses other characters and lengths', () => {
    for (const text of ['', 'web 01', 'web/01', 'wëb', 'a'.repeat(254)]) {
      assert.equal(NODE_NAME.parse(text), null, text);
    }
  });
});

describe('ABSOLUTE_PATH', () => {
  it('refuses relative paths and line breaks', () => {
    assert.equal(ABSOLUTE_PATH.parse('/etc/a b.pem'), '/etc/a b.pem');
    for (const text of ['etc/a.pem', './a', '~/a', '/a\nb', '']) {
      assert.equal(ABSOLUTE_PATH.parse(text), null, text);
    }
  });
});

describe('RUN_DIRECTORY', () => {
  it('leaves room for the socket name in the 107 bytes of a unix socket address', () => {
    const longest = `/${'r'.repeat(92)}`;
    assert.equal(Buffer.byteLength(`${longest}/rampartd.sock`), 107);
    assert.equal(RUN_DIRECTORY.parse(longest), longest);
    assert.equal(RUN_DIRECTORY.parse(`${longest}r`), null);
  });
});

describe('oneOf', () => {
  it('reads words and synonyms in any case, as the word', () => {
    const format = oneOf(['warn', 'error'], { warning: 'warn' });
    assert.equal(format.parse('WARN'), 'warn');
    assert.equal(format.parse('Warning'), 'warn');
    assert.equal(format.parse('loud'), null);
    assert.equal(format.parse('constructor'), null);
  });

  it('lists what is allowed', () => {
    assert.equal(oneOf(['a', 'b', 'c']).allowed, 'a, b or c');
    assert.equal(oneOf(['a']).allowed, 'a');
  });
});

describe('ENDPOINTS', () => {
  const cases: readonly (readonly [string, readonly string[] | null])[] = [
    ['http://10.0.0.1:2379', ['http://10.0.0.1:2379']],
    ['HTTPS://Etcd-1.Example.org', ['https://etcd-1.example.org:2379']],
    ['https://a:2379/, https://b:12379 ,', ['https://a:2379', 'https://b:12379']],
    ['https://[FD00::1]:2379', ['https://[fd00::1]:2379']],
    ['https://a:2379,http://b:2379', null],
    ['https://a:2379,nonsense', null],
    ['10.0.0.1:2379', null],
    ['https://user:secret@a:2379', null],
    ['https://a:2379/path', null],
    ['https://a:2379?x=1', null],
    ['https://a:0', null],
    ['https://a:65536', null],
    ['https://[10.0.0.1]:2379', null],
    ['https://[zz]:2379', null],
    ['unix:///run/etcd.sock', null],
    ['', null],
    [',', null],
  ];
  for (const [text, expected] of cases) {
    it(`reads ${JSON.stringify(text)} as ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(ENDPOINTS.parse(text), expected);
    });
  }

  it('reads back what it formats', () => {
    const endpoints = ['https://a:2379', 'https://[fd00::1]:1'];
    assert.deepEqual(ENDPOINTS.parse(ENDPOINTS.format(endpoints)), endpoints);
  });
});
