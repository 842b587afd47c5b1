/**
 * Index of the operation that makes a transaction of `length` operations fail, given whether its first
 * `count` operations would be accepted; null when the whole is accepted now. Asks about log2(length) times.
 */
export async function locateRefusal(
  length: number,
  accepts: (count: number) => Promise<boolean>,
): Promise<number | null> {
  let accepted = 0;
  let refused = length;
  if (await accepts(length)) return null;
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2);
    if (await accepts(middle)) accepted = middle;
    else refused = middle;
  }
  return refused - 1;
}
