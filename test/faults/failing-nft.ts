import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execFileSync } from 'node:child_process';

/** How nft misbehaves. */
export type NftFault =
  | { readonly kind: 'none' }
  /** Each transaction is refused with these words. */
  | { readonly kind: 'refuses'; readonly words: string }
  /** Each transaction lands, and failure is reported all the same. */
  | { readonly kind: 'lands'; readonly words: string }
  /** It dies before it does anything. */
  | { readonly kind: 'dies' }
  /** It does not speak JSON, as one that is built without it. */
  | { readonly kind: 'no-json' }
  /** Listings come in a form that nobody knows. */
  | { readonly kind: 'unreadable' };

/** An nft program in front of the real one that can be made to fail while it is in use. */
export class FailingNft {
  readonly #directory = mkdtempSync(join(tmpdir(), 'rampart-failing-nft-'));

  constructor() {
    const real = execFileSync('which', ['nft'], { encoding: 'utf8' }).trim();
    const program = join(this.#directory, 'nft');
    this.set({ kind: 'none' });
    writeFileSync(program, script(real, this.#directory));
    chmodSync(program, 0o755);
  }

  /** To be put into the environment of whoever shall use it. */
  get path(): string {
    return `${this.#directory}${delimiter}${process.env['PATH'] ?? ''}`;
  }

  /** From now on. */
  set(fault: NftFault): void {
    writeFileSync(join(this.#directory, 'kind'), fault.kind);
    writeFileSync(join(this.#directory, 'words'), 'words' in fault ? `${fault.words}\n` : '');
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true });
  }
}

function script(real: string, directory: string): string {
  return `#!/bin/sh
kind=$(cat '${directory}/kind')
case " $* " in *' -f '*) task=apply ;; *) task=ask ;; esac
complain() { cat '${directory}/words' >&2; exit 1; }
case "$kind-$task" in
  refuses-apply) complain ;;
  lands-apply) '${real}' "$@" && complain ;;
  dies-*) kill -9 $$ ;;
  no-json-*) echo 'Error: JSON support not compiled-in' >&2; exit 1 ;;
  unreadable-ask) echo '{"nftables": [{"metainfo": {"json_schema_version": 99}}, {"chain": 7}, 1' ;;
  *) exec '${real}' "$@" ;;
esac
`;
}
