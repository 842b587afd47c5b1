const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Any text as the content of an element or attribute of HTML and SVG. */
export function escapeMarkup(text: string): string {
  return printable(text).replace(/[&<>"']/g, (one) => HTML[one] ?? one);
}

/** Any text as one line of Markdown without meaning for Markdown or HTML. */
export function escapeMarkdown(text: string): string {
  return printable(text).replace(/[\\`*_[\]<>|~#&]/g, (one) =>
    one === '&' || one === '<' || one === '>' ? (HTML[one] ?? one) : `\\${one}`,
  );
}

// Control characters are not allowed in XML, and lines would end tables.
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\u2028\u2029\ufffe\uffff]/gu, ' ');
}
