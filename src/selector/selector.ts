/** A parsed selector of Calico's selector language, as a tree of plain nodes. */
export type SelectorNode =
  | { readonly kind: 'all' }
  /** Parses like all() and is true for everything; its meaning comes from the field it is used in. */
  | { readonly kind: 'global' }
  | { readonly kind: 'has'; readonly key: string }
  | {
      readonly kind: 'equals' | 'not-equals' | 'contains' | 'starts-with' | 'ends-with';
      readonly key: string;
      readonly value: string;
    }
  /** `values` sorted bytewise, without duplicates. */
  | { readonly kind: 'in' | 'not-in'; readonly key: string; readonly values: readonly string[] }
  | { readonly kind: 'not'; readonly operand: SelectorNode }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly SelectorNode[] };

/** A selector and its canonical text; two selectors with the same text are the same selector. */
export interface Selector {
  readonly text: string;
  readonly root: SelectorNode;
}

/** Where and why a text is not a selector; `hint` says what to write instead, when that can be guessed. */
export interface SelectorError {
  /** Offset of the offending token, in UTF-16 units of the input. */
  readonly offset: number;
  readonly message: string;
  readonly hint: string | null;
}

/** Looks a label up: its value, or undefined when the object does not carry it. */
export type LabelLookup = (key: string) => string | undefined;
