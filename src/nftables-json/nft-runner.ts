import type { TransportInfo } from './nftables.ts';

/** What nft answered. `errors` is empty after a success. */
export interface NftAnswer {
  readonly ok: boolean;
  readonly output: string;
  readonly errors: string;
}

/**
 * One way of handing input to nft. Callers make one call at a time. Methods reject with NftablesError only
 * when nft could not be run at all; what nft refuses is an answer.
 */
export interface NftRunner {
  readonly info: Omit<TransportInfo, 'editsSets'>;
  /** Runs a JSON document; with `dryRun` the kernel judges it and changes nothing. */
  execute(document: readonly Buffer[], dryRun: boolean): Promise<NftAnswer>;
  /** Runs commands in nft's own syntax, one a line, without set elements where nft can leave them out. */
  query(commands: string, format: 'json' | 'text'): Promise<NftAnswer>;
  /** Whether a change that came from this netlink port was made through this runner. */
  isOwnPort(portId: number): boolean;
  close(): Promise<void>;
}
