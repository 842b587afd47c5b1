import { NftablesError } from '../base/errors.ts';
import type { NftablesErrorKind } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { ownNetfilterPorts } from './netfilter-ports.ts';
import { errorKind, nftError } from './nft-error.ts';
import type { NftAnswer, NftRunner } from './nft-runner.ts';
import { listedVersion } from './parse-inventory.ts';

/** Told around every call into the library, so that a crash inside one can be recognised afterwards. */
export interface CallGuard {
  enter(): void;
  leave(): void;
}

/** `nft_ctx_output_set_flags`, include/nftables/libnftables.h. */
const OUTPUT_JSON = 1 << 4;
const OUTPUT_TERSE = 1 << 11;
const NFT_CTX_DEFAULT = 0;

// libnftables puts 68 KiB buffers on the stack: 1.0.6 was seen to need 96 KiB of koffi's default of 128 for calls
// on a worker thread, and nothing guards the end of it.
const STACK_BYTES = 4 * 1024 * 1024;
// An output buffer only ever grows: one that was this big is given back.
const LARGE_OUTPUT_CHARACTERS = 256 * 1024;
// Each of libuv's threads keeps what libnftables freed on it, 150 MB after 100,000 prefixes.
const TRIM_AFTER_BYTES = 32 * 1024 * 1024;

// Failures of the conversation with the kernel and not of what was said.
const BREAKING: ReadonlySet<NftablesErrorKind> = new Set(['resources', 'unknown']);

type Native<R> = ((...args: readonly unknown[]) => R) & {
  async(...args: readonly unknown[]): void;
};

interface Koffi {
  config(settings?: Readonly<Record<string, number>>): { readonly async_stack_size: number };
  load(path: string | null): { func<R>(prototype: string): Native<R> };
}

interface Symbols {
  readonly newContext: Native<unknown>;
  readonly freeContext: Native<undefined>;
  readonly run: Native<number>;
  readonly bufferOutput: Native<number>;
  readonly unbufferOutput: Native<number>;
  readonly bufferError: Native<number>;
  readonly output: Native<string | null>;
  readonly errors: Native<string | null>;
  readonly setFlags: Native<undefined>;
  readonly setDryRun: Native<undefined>;
  /** Null where the C library is not glibc. */
  readonly trim: Native<number> | null;
}

/**
 * libnftables in this process. Rejects with NftablesError `unknown` when koffi or libnftables.so.1 cannot be
 * loaded. Every call runs on a worker thread: it costs 0.05 ms more than a direct one, but a refusal takes the
 * kernel 8–40 ms, and another process in the middle of a large transaction holds everybody up.
 */
export async function openLibraryRunner(guard: CallGuard, logger: Logger): Promise<NftRunner> {
  const symbols = await loadSymbols(logger);
  const runner = new LibraryRunner(symbols, guard, logger);
  await runner.learnVersion();
  return runner;
}

async function loadSymbols(logger: Logger): Promise<Symbols> {
  try {
    const koffi = (await import('koffi')).default as unknown as Koffi;
    widenStack(koffi, logger);
    return bindSymbols(koffi);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new NftablesError('unknown', `libnftables.so.1 cannot be loaded: ${reason}`, cause);
  }
}

// koffi settles its sizes with the first library that anybody loads.
function widenStack(koffi: Koffi, logger: Logger): void {
  if (koffi.config().async_stack_size >= STACK_BYTES) return;
  try {
    koffi.config({ async_stack_size: STACK_BYTES, resident_async_pools: 1 });
  } catch {
    logger.warn(
      { bytes: koffi.config().async_stack_size },
      'koffi was loaded before nftables: libnftables runs on a small stack',
    );
  }
}

function bindSymbols(koffi: Koffi): Symbols {
  const library = koffi.load('libnftables.so.1');
  return {
    newContext: library.func('void *nft_ctx_new(uint32_t flags)'),
    freeContext: library.func('void nft_ctx_free(void *context)'),
    run: library.func('int nft_run_cmd_from_buffer(void *context, const void *input)'),
    bufferOutput: library.func('int nft_ctx_buffer_output(void *context)'),
    unbufferOutput: library.func('int nft_ctx_unbuffer_output(void *context)'),
    bufferError: library.func('int nft_ctx_buffer_error(void *context)'),
    output: library.func('const char *nft_ctx_get_output_buffer(void *context)'),
    errors: library.func('const char *nft_ctx_get_error_buffer(void *context)'),
    setFlags: library.func('void nft_ctx_output_set_flags(void *context, unsigned int flags)'),
    setDryRun: library.func('void nft_ctx_set_dry_run(void *context, bool dry)'),
    trim: findTrim(koffi),
  };
}

function findTrim(koffi: Koffi): Native<number> | null {
  try {
    return koffi.load(null).func('int malloc_trim(size_t pad)');
  } catch {
    return null;
  }
}

/** A context of libnftables and the netlink ports that it opened; none when /proc does not tell. */
interface LibraryContext {
  readonly handle: unknown;
  readonly ports: ReadonlySet<number>;
}

function openContext(symbols: Symbols, guard: CallGuard): LibraryContext {
  guard.enter();
  const before = ownNetfilterPorts();
  const handle = symbols.newContext(NFT_CTX_DEFAULT);
  const ports = new Set([...ownNetfilterPorts()].filter((port) => !before.has(port)));
  guard.leave();
  if (handle === null) throw new NftablesError('resources', 'libnftables gives no context');
  symbols.bufferOutput(handle);
  symbols.bufferError(handle);
  return { handle, ports: ports.size > 0 ? ports : new Set([process.pid]) };
}

class LibraryRunner implements NftRunner {
  readonly #symbols: Symbols;
  readonly #guard: CallGuard;
  readonly #logger: Logger;
  #context: LibraryContext;
  // Notifications of what the context before this one did may still be on their way.
  #formerPorts: ReadonlySet<number> = new Set();
  #version = '';
  #lowestRss = process.memoryUsage.rss();

  constructor(symbols: Symbols, guard: CallGuard, logger: Logger) {
    this.#symbols = symbols;
    this.#guard = guard;
    this.#logger = logger;
    this.#context = openContext(symbols, guard);
  }

  get info(): NftRunner['info'] {
    return { transport: 'library', version: this.#version };
  }

  // libnftables has no call that tells its version; any JSON listing does.
  async learnVersion(): Promise<void> {
    const answer = await this.query('list flowtables inet', 'json');
    this.#version = answer.ok ? listedVersion(answer.output) : '';
  }

  async execute(document: readonly Buffer[], dryRun: boolean): Promise<NftAnswer> {
    const input = Buffer.concat([...document, Buffer.alloc(1)]);
    if (!dryRun) return this.#ask(input, OUTPUT_JSON);
    // nft before 1.0.9 keeps what a dry run pretended to add in the context's cache, where it spoils the next call.
    const context = this.#symbols.newContext(NFT_CTX_DEFAULT);
    try {
      this.#symbols.bufferOutput(context);
      this.#symbols.bufferError(context);
      this.#symbols.setDryRun(context, true);
      return await this.#call(context, input, OUTPUT_JSON);
    } finally {
      this.#symbols.freeContext(context);
    }
  }

  query(commands: string, format: 'json' | 'text'): Promise<NftAnswer> {
    const flags = format === 'json' ? OUTPUT_JSON | OUTPUT_TERSE : 0;
    return this.#ask(Buffer.from(`${commands}\0`), flags);
  }

  isOwnPort(portId: number): boolean {
    return this.#context.ports.has(portId) || this.#formerPorts.has(portId);
  }

  close(): Promise<void> {
    this.#symbols.freeContext(this.#context.handle);
    return Promise.resolve();
  }

  async #ask(input: Buffer, flags: number): Promise<NftAnswer> {
    const answer = await this.#call(this.#context.handle, input, flags);
    if (!answer.ok && BREAKING.has(errorKind(answer.errors))) this.#renew(answer.errors);
    return answer;
  }

  // A context whose socket lost or kept back an answer reads the wrong ones for ever.
  #renew(errors: string): void {
    const broken = this.#context;
    this.#context = openContext(this.#symbols, this.#guard);
    this.#formerPorts = broken.ports;
    this.#symbols.freeContext(broken.handle);
    this.#logger.warn({ reason: nftError(errors).message }, 'libnftables failed: starting it anew');
  }

  async #call(context: unknown, input: Buffer, flags: number): Promise<NftAnswer> {
    const { setFlags, run, output, errors } = this.#symbols;
    this.#guard.enter();
    setFlags(context, flags);
    const code = await callAsync(run, context, input);
    const answer = {
      ok: code === 0,
      output: output(context) ?? '',
      errors: code === 0 ? '' : (errors(context) ?? ''),
    };
    if (answer.output.length > LARGE_OUTPUT_CHARACTERS) {
      this.#symbols.unbufferOutput(context);
      this.#symbols.bufferOutput(context);
    }
    this.#guard.leave();
    await this.#trim();
    return answer;
  }

  async #trim(): Promise<void> {
    if (this.#symbols.trim === null) return;
    if (process.memoryUsage.rss() - this.#lowestRss < TRIM_AFTER_BYTES) return;
    await callAsync(this.#symbols.trim, 0);
    this.#lowestRss = process.memoryUsage.rss();
  }
}

function callAsync(native: Native<number>, ...args: readonly unknown[]): Promise<number> {
  return new Promise((resolve, reject) => {
    native.async(...args, (error: Error | null, result: number) => {
      if (error === null) resolve(result);
      else reject(new NftablesError('unknown', `calling libnftables: ${error.message}`, error));
    });
  });
}
