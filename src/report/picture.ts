import { escapeMarkup } from './escape.ts';
import type { Cell, Reachability } from './reachability.ts';
import { reachabilityTitle } from './sections.ts';
import { fitLines } from './text-fit.ts';

const WIDTH = 1000;
const TOP = 150;
const GAP = 12;
const BOX = 270;
const HOST_X = 410;
const HOST_WIDTH = 180;
const HOST_Y = 78;
const LINE = 16;
const MOST = 24;

/** Colours that stay apart in grey and for people who do not see red and green apart; dashes say it again. */
const STROKES: Readonly<Record<Cell, { readonly colour: string; readonly dash: string }>> = {
  allow: { colour: '#1a7f37', dash: '' },
  partly: { colour: '#b26a00', dash: '8 4' },
  deny: { colour: '#c62828', dash: '2 4' },
  nobody: { colour: '#999999', dash: '1 6' },
};

interface Box {
  readonly lines: readonly string[];
  readonly y: number;
  readonly height: number;
}

/**
 * A picture of who reaches what: peers on the left, this host in the middle, services on the right, and a line for
 * each pair. Standalone SVG, light, with fonts that every viewer has.
 */
export function reachabilityPicture(reach: Reachability, hostName: string): string {
  const peers = column(reach.peers.map(({ label }) => label));
  const services = column(reach.services.map(({ label }) => label));
  const height = Math.max(bottomOf(peers), bottomOf(services), TOP + 80) + 24;
  const body = [
    ...edges(reach, peers, services),
    ...peers.flatMap((box) => boxMarkup(box, 20, '#eef3fb')),
    ...services.flatMap((box) => boxMarkup(box, WIDTH - 20 - BOX, '#f6f6f6')),
  ];
  const host = hostMarkup(hostName, reach, height);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="#1f2328">`,
    `<title>${escapeMarkup(reachabilityTitle(reach))}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#ffffff"/>`,
    ...titleMarkup(reach),
    ...legend(),
    ...body,
    ...host,
    '</svg>',
    '',
  ].join('\n');
}

function titleMarkup(reach: Reachability): readonly string[] {
  const [line = ''] = fitLines(reachabilityTitle(reach), 95, 1);
  return [`<text x="20" y="28" font-size="16" font-weight="bold">${escapeMarkup(line)}</text>`];
}

function legend(): readonly string[] {
  const words = { allow: 'allowed', partly: 'partly', deny: 'denied', nobody: 'no address' };
  return (['allow', 'partly', 'deny', 'nobody'] as const).flatMap((cell, i) => {
    const x = 20 + i * 130;
    return [
      `<path d="M${x} 56h36" ${stroke(cell)}/>`,
      `<text x="${x + 44}" y="60">${words[cell]}</text>`,
    ];
  });
}

function column(labels: readonly string[]): readonly Box[] {
  const more = labels.length - MOST;
  const shown = more > 0 ? [...labels.slice(0, MOST), `and ${more} more, see the table`] : labels;
  let y = TOP;
  return shown.map((label) => {
    const lines = fitLines(label, 34, 4);
    const box = { lines, y, height: lines.length * LINE + 14 };
    y += box.height + GAP;
    return box;
  });
}

function bottomOf(boxes: readonly Box[]): number {
  const last = boxes.at(-1);
  return last === undefined ? TOP : last.y + last.height;
}

function boxMarkup({ lines, y, height }: Box, x: number, fill: string): readonly string[] {
  return [
    `<rect x="${x}" y="${y}" width="${BOX}" height="${height}" rx="5" fill="${fill}" stroke="#8c959f"/>`,
    ...lines.map(
      (line, i) =>
        `<text x="${x + 10}" y="${y + 20 + i * LINE}" xml:space="preserve">${escapeMarkup(line)}</text>`,
    ),
  ];
}

// A bar that every line passes, with the name at its head.
function hostMarkup(name: string, reach: Reachability, height: number): readonly string[] {
  const lines = [...fitLines(name, 21, 2), ...fitLines(reach.interfaces.join(', '), 23, 1)];
  const bar = height - HOST_Y - 12;
  const head = lines.length * LINE + 14;
  const x = HOST_X + HOST_WIDTH / 2;
  return [
    `<rect x="${HOST_X}" y="${HOST_Y}" width="${HOST_WIDTH}" height="${bar}" rx="8" fill="#ffffff" fill-opacity="0.75" stroke="#1f2328" stroke-width="2"/>`,
    `<rect x="${HOST_X}" y="${HOST_Y}" width="${HOST_WIDTH}" height="${head}" rx="8" fill="#eef3fb" stroke="#1f2328" stroke-width="2"/>`,
    ...lines.map((line, i) => {
      const weight = i < lines.length - 1 ? ' font-weight="bold"' : '';
      return `<text x="${x}" y="${HOST_Y + 19 + i * LINE}" text-anchor="middle"${weight}>${escapeMarkup(line)}</text>`;
    }),
  ];
}

// What is allowed is drawn last, above the rest.
const ORDER: readonly Cell[] = ['nobody', 'deny', 'partly', 'allow'];

function edges(
  { cells }: Reachability,
  peers: readonly Box[],
  services: readonly Box[],
): readonly string[] {
  return ORDER.flatMap((wanted) =>
    peers.slice(0, MOST).flatMap((peer, row) =>
      services.slice(0, MOST).flatMap((service, at) => {
        if (cells[row]?.[at] !== wanted) return [];
        const from = place(peer, at, Math.min(services.length, MOST));
        const to = place(service, row, Math.min(peers.length, MOST));
        const [x, end] = [20 + BOX, WIDTH - 20 - BOX];
        return [
          `<path d="M${x} ${from}C${x + 120} ${from} ${end - 120} ${to} ${end} ${to}" fill="none" ${stroke(wanted)}/>`,
        ];
      }),
    ),
  );
}

// The ends of lines share a box's side, so that they can be told apart.
function place({ y, height }: Box, index: number, count: number): number {
  return Math.round((y + (height * (index + 1)) / (count + 1)) * 10) / 10;
}

function stroke(cell: Cell): string {
  const { colour, dash } = STROKES[cell];
  const isOpen = cell === 'allow' || cell === 'partly';
  const width = isOpen ? '2' : '1.2" stroke-opacity="0.6';
  const dashes = dash === '' ? '' : ` stroke-dasharray="${dash}"`;
  return `stroke="${colour}" stroke-width="${width}"${dashes}`;
}
