// The kernel takes 127 bytes of prefix, the closing ": " included; one byte more fails the transaction.
const PREFIX_LIMIT = 125;

/** What the specifiers of LogPrefix stand for. */
export interface LogSubject {
  /** Tier name; empty for profiles. */
  readonly tier: string;
  /** Calico's short form of the kind: `gnp`, `np`, `pro`. */
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Expands `%t` (tier), `%k` (kind), `%n` (name) and `%p` (namespace/name) as Calico v3.32 does; other
 * specifiers stay as they are, there is no `%%`. What nft's syntax cannot hold becomes `_` (`$name` is a variable there),
 * so that the rules in the kernel and those in files are the same. Truncated to what the kernel accepts.
 */
export function expandLogPrefix(prefix: string, subject: LogSubject): string {
  const qualified =
    subject.namespace === '' ? subject.name : `${subject.namespace}/${subject.name}`;
  const expanded = prefix.replaceAll(/%[tknp]/g, (specifier) => {
    if (specifier === '%t') return subject.tier;
    if (specifier === '%k') return subject.kind;
    return specifier === '%n' ? subject.name : qualified;
  });
  return `${truncate(expanded.replaceAll(/["$\p{Cc}]/gu, '_'))}: `;
}

function truncate(text: string): string {
  let bytes = 0;
  let kept = '';
  for (const character of text) {
    bytes += utf8Length(character.codePointAt(0) ?? 0);
    if (bytes > PREFIX_LIMIT) return kept;
    kept += character;
  }
  return kept;
}

function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}
