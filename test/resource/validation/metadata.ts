import { metadataCases } from './validation-case.ts';

export const METADATA_CASES = [
  ...metadataCases('GlobalNetworkPolicy', [
    ['name', { name: 'a.b' }, null, 'whole'],
    [
      'name',
      { name: 'a.b.c' },
      'write lower-case letters, digits, "-", with at most one "."',
      'whole',
    ],
    [
      'name',
      { name: 'Allow-SSH' },
      'write lower-case letters, digits, "-", with at most one "."',
      'whole',
    ],
    ['name', { name: '' }, 'write one', 'absent'],
    ['name', { name: 7 }, 'This must be text, not 7', 'absent'],
    ['namespace', { name: 'a', namespace: 'shop' }, 'take the namespace out', 'absent'],
  ]),
  ...metadataCases('NetworkPolicy', [
    ['name', { name: 'knp.default.a.b' }, null, 'whole'],
    [
      'name',
      { name: 'knp.other.a' },
      'write lower-case letters, digits, "-", with at most one "."',
      'whole',
    ],
    [
      'namespace',
      { name: 'a', namespace: 'Shop' },
      'write lower-case letters, digits, "-", with at most one "."',
      'absent',
    ],
  ]),
  ...metadataCases('Tier', [
    ['name', { name: 'platform' }, null, 'whole'],
    [
      'name',
      { name: 'a.b' },
      'write up to 63 lower-case letters, digits and "-", such as "platform"',
      'whole',
    ],
    [
      'name',
      { name: 'a'.repeat(64) },
      'write up to 63 lower-case letters, digits and "-", such as "platform"',
      'whole',
    ],
  ]),
  ...metadataCases('Profile', [
    ['name', { name: 'kns.shop' }, null, 'whole'],
    ['name', { name: 'projectcalico-default-allow' }, 'choose another name', 'whole'],
  ]),
  ...metadataCases(
    'HostEndpoint',
    [
      ['annotations', { annotations: { 'A/B': 'x' } }, null, 'whole'],
      ['annotations', { annotations: { a: 'x'.repeat(262144) } }, 'shorten them', 'whole'],
      [
        'annotations[""]',
        { annotations: { '': 'x' } },
        'up to 63 letters, digits, "-", "_" and "."',
        'whole',
      ],
      ['labels', { labels: { 'example.org/a_B.c': 'X_1' } }, null, 'whole'],
      ['labels', { labels: { 'projectcalico.org/namespace': 'shop' } }, null, 'whole'],
      [
        'labels["a"]',
        { labels: { a: '-x' } },
        'up to 63 letters, digits, "-", "_" and "."',
        'whole',
      ],
      [
        'labels["a"]',
        { labels: { a: true } },
        'This must be text (put numbers and booleans in quotes), not true',
        'absent',
      ],
      [
        'labels["a/b/c"]',
        { labels: { 'a/b/c': '' } },
        'up to 63 letters, digits, "-", "_" and "."',
        'whole',
      ],
      ['lables', { lables: {} }, 'did you mean "labels"?', 'whole'],
      [
        'name',
        { name: 'a'.repeat(254) },
        'write lower-case letters, digits, "-" and ".", such as "web-1"',
        'whole',
      ],
    ],
    { node: 'n', interfaceName: '*' },
  ),
  ...metadataCases('GlobalNetworkSet', [
    [
      'labels["projectcalico.org/namespace"]',
      { labels: { 'projectcalico.org/namespace': 'shop' } },
      'take it out',
      'whole',
    ],
  ]),
];
