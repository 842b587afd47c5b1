/** The tokens that carry nothing but their kind. */
export type Punctuation = '==' | '!=' | '!' | '&&' | '||' | '(' | ')' | '{' | '}' | ',';

/** The operators written as words; recognised only straight after a label key. */
export type WordOperator = 'contains' | 'starts with' | 'ends with' | 'not in' | 'in';

/**
 * One token of a selector. The last token of a text is `end`, or `invalid` where the text stops
 * being one; `offset` counts UTF-16 units from the start.
 */
export type Token =
  | {
      readonly kind: Punctuation | WordOperator | 'all' | 'global' | 'end';
      readonly offset: number;
    }
  | { readonly kind: 'identifier'; readonly offset: number; readonly key: string }
  | { readonly kind: 'has'; readonly offset: number; readonly key: string }
  | { readonly kind: 'string'; readonly offset: number; readonly value: string }
  | { readonly kind: 'invalid'; readonly offset: number; readonly message: string };
