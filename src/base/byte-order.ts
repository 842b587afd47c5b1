/**
 * Orders strings as Calico does (Go's `<` on strings): by their UTF-8 bytes. JavaScript's `<` orders by
 * UTF-16 code units, which differs only when surrogates meet U+E000–U+FFFF.
 */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return lift(x) - lift(y);
  }
  return a.length - b.length;
}

// Surrogates stand for code points above U+FFFF, so they sort after every other code unit.
function lift(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
