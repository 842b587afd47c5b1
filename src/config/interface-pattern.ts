/** Which interfaces a list item of Felix's InterfaceExclude means. */
export type InterfacePattern =
  | { readonly kind: 'name'; readonly name: string }
  /** `source` as JavaScript's RegExp reads it; it may match anywhere in the name, as in Felix. */
  | { readonly kind: 'regex'; readonly source: string };

/**
 * Reads `kube-ipvs0,/^veth[0-9]+$/`: names and `/regular expressions/`, separated by commas; null when an item
 * is neither. Beside Felix's `[a-zA-Z0-9_-]` names may have the characters that VLANs and aliases bring.
 */
export function parseInterfacePatterns(text: string): readonly InterfacePattern[] | null {
  const patterns = text.split(',').map(parsePattern);
  return patterns.every((pattern) => pattern !== null) ? patterns : null;
}

/** Whether one of `patterns` means the interface called `name`. */
export function matchesInterface(patterns: readonly InterfacePattern[], name: string): boolean {
  return patterns.some((pattern) =>
    pattern.kind === 'name' ? pattern.name === name : new RegExp(pattern.source, 'u').test(name),
  );
}

function parsePattern(item: string): InterfacePattern | null {
  if (/^\/[^\s]+\/$/.test(item)) {
    const source = item.slice(1, -1);
    return isRegex(source) ? { kind: 'regex', source } : null;
  }
  return /^[a-zA-Z0-9:._+-]{1,15}$/.test(item) ? { kind: 'name', name: item } : null;
}

function isRegex(source: string): boolean {
  try {
    new RegExp(source, 'u');
    return true;
  } catch {
    return false;
  }
}
