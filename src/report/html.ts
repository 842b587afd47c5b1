import { escapeMarkup } from './escape.ts';
import { reachabilityPicture } from './picture.ts';
import type { Report } from './report.ts';
import { moment, sectionsOf } from './sections.ts';
import type { Section } from './sections.ts';

const STYLE = `
body { font: 14px/1.45 Helvetica, Arial, sans-serif; color: #1f2328; background: #fff; max-width: 1100px; margin: 24px auto; padding: 0 16px; }
h1 { font-size: 24px; } h2 { font-size: 18px; margin: 32px 0 8px; border-bottom: 1px solid #d0d7de; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; margin: 8px 0; }
th, td { border: 1px solid #d0d7de; padding: 4px 8px; text-align: left; vertical-align: top; overflow-wrap: anywhere; min-width: 64px; }
th { background: #f6f8fa; }
.allow { color: #1a7f37; font-weight: bold; } .deny { color: #c62828; } .partly { color: #b26a00; font-weight: bold; }
svg { max-width: 100%; height: auto; }
.wide { overflow-x: auto; }
@media print { body { max-width: none; margin: 0; } h2 { break-after: avoid; } tr, svg { break-inside: avoid; } thead { display: table-header-group; } }
`;

/** A report as one HTML file: pictures inlined, nothing loaded from elsewhere, no scripts. */
export function reportHtml(report: Report): string {
  const { name, rampart, rulesInForce, enforcement } = report.host;
  const title = escapeMarkup(`Firewall report of ${name}`);
  const about = `Made ${moment(report.madeAt)} by Rampart ${rampart}. Rules in force: ${rulesInForce}; enforcement: ${enforcement}.`;
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`,
    '<meta name="viewport" content="width=device-width">',
    `<title>${title}</title>`,
    `<style>${STYLE}</style>`,
    '</head>',
    '<body>',
    `<h1>${title}</h1>`,
    `<p>${escapeMarkup(about)}</p>`,
    ...sectionsOf(report).flatMap((section) => sectionMarkup(section, name)),
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function sectionMarkup(section: Section, hostName: string): readonly string[] {
  const { title, intro, header, rows, none, picture } = section;
  const head = `<h2>${escapeMarkup(title)}</h2>`;
  if (rows.length === 0) return [head, `<p>${escapeMarkup(none)}</p>`];
  return [
    head,
    ...(intro === '' ? [] : [`<p>${escapeMarkup(intro)}</p>`]),
    ...(picture === null ? [] : [reachabilityPicture(picture, hostName)]),
    '<div class="wide"><table>',
    `<thead><tr>${header.map((one) => `<th>${escapeMarkup(one)}</th>`).join('')}</tr></thead>`,
    '<tbody>',
    ...rows.map((row) => `<tr>${row.map((one) => cell(one, picture !== null)).join('')}</tr>`),
    '</tbody>',
    '</table></div>',
  ];
}

const VERDICTS = new Set(['allow', 'deny', 'partly']);

function cell(text: string, isVerdict: boolean): string {
  const kind = isVerdict && VERDICTS.has(text) ? ` class="${text}"` : '';
  return `<td${kind}>${escapeMarkup(text).replaceAll('; ', ';<br>')}</td>`;
}
