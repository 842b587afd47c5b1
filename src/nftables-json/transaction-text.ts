import type { SetDeclaration } from '../ruleset/ruleset.ts';
import type { Operation, Transaction } from '../ruleset/transaction.ts';
import { elementText } from './encode-element.ts';
import { declareSet, encodeOperation } from './encode-transaction.ts';

// About 50 KB of text and 1 ms of work.
const ELEMENTS_PER_PIECE = 1000;

/**
 * The JSON document of a transaction in pieces of about a millisecond's work: the text of
 * `{"nftables": encodeTransaction(transaction)}`. Throws NftablesError `invalid` like `encodeTransaction`.
 */
export function* transactionText(transaction: Transaction): Generator<string, void> {
  yield '{"nftables":[';
  let separator = '';
  for (const operation of transaction) {
    let lead = separator;
    for (const piece of operationText(operation)) {
      yield lead + piece;
      lead = '';
      separator = ',';
    }
  }
  yield ']}';
}

function* operationText(operation: Operation): Generator<string, void> {
  if (operation.op === 'add-elements') {
    yield* addElementsText(operation.set, operation.elements);
    return;
  }
  if (operation.op === 'delete-elements') {
    yield* deleteElementsText(operation.set, operation.elements);
    return;
  }
  const command = encodeOperation(operation);
  if (command !== null) yield JSON.stringify(command);
}

function* addElementsText(
  set: SetDeclaration,
  elements: Iterable<string>,
): Generator<string, void> {
  const declaration = JSON.stringify(declareSet(set)).slice(0, -1);
  yield `{"add":{"set":${declaration}`;
  let opening = ',"elem":[';
  for (const piece of elementPieces(set, elements)) {
    yield opening + piece;
    opening = ',';
  }
  yield opening === ',' ? ']}}}' : '}}}';
}

function* deleteElementsText(
  set: SetDeclaration,
  elements: readonly string[],
): Generator<string, void> {
  if (elements.length === 0) return;
  const { family, table, name } = declareSet(set);
  const target = JSON.stringify({ family, table, name }).slice(0, -1);
  let opening = `{"delete":{"element":${target},"elem":[`;
  for (const piece of elementPieces(set, elements)) {
    yield opening + piece;
    opening = ',';
  }
  yield ']}}}';
}

function* elementPieces(set: SetDeclaration, elements: Iterable<string>): Generator<string, void> {
  let piece: string[] = [];
  for (const element of elements) {
    piece.push(elementText(set, element));
    if (piece.length < ELEMENTS_PER_PIECE) continue;
    yield piece.join(',');
    piece = [];
  }
  if (piece.length > 0) yield piece.join(',');
}
