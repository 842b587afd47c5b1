import { readFile } from 'node:fs/promises';
import { createSecureContext, rootCertificates } from 'node:tls';
import { SourceError, toError } from '../base/errors.ts';
import type { EtcdSourceOptions } from './etcd-options.ts';

/** PEM texts for one TLS connection, in the shape that etcd3 takes. */
export interface TlsMaterial {
  readonly rootCertificate: Buffer;
  readonly privateKey?: Buffer;
  readonly certChain?: Buffer;
}

/** Who we are to etcd, by name and password. */
export interface Login {
  readonly name: string;
  readonly password: string;
}

/** The files whose change makes a new connection necessary. */
export function credentialFiles(options: EtcdSourceOptions): readonly string[] {
  const { caCertFile, certFile, keyFile, passwordFile } = options;
  return [caCertFile, certFile, keyFile, passwordFile].filter((path) => path !== undefined);
}

/**
 * Reads the TLS files and checks that they belong together, so that a half-finished rotation is an
 * error here and not a refused handshake later. Throws SourceError naming the file.
 */
export async function readTlsMaterial(options: EtcdSourceOptions): Promise<TlsMaterial> {
  const { caCertFile, certFile, keyFile } = options;
  const ca = caCertFile === undefined ? undefined : await readCredential(caCertFile);
  const cert = certFile === undefined ? undefined : await readCredential(certFile);
  const key = keyFile === undefined ? undefined : await readCredential(keyFile);
  try {
    createSecureContext({ ca, cert, key });
  } catch (error) {
    const files = [caCertFile, certFile, keyFile].filter((path) => path !== undefined).join(', ');
    throw new SourceError(
      'etcd-credentials',
      `the TLS files ${files} cannot be used together: ${toError(error).message}`,
      error,
    );
  }
  return {
    rootCertificate: ca ?? Buffer.from(rootCertificates.join('\n')),
    ...(cert === undefined ? {} : { certChain: cert }),
    ...(key === undefined ? {} : { privateKey: key }),
  };
}

/** Name and password, or undefined where none are configured. Throws SourceError naming the file. */
export async function readLogin(options: EtcdSourceOptions): Promise<Login | undefined> {
  const { username, passwordFile } = options;
  if (username === undefined) return undefined;
  if (passwordFile === undefined) return { name: username, password: options.password ?? '' };
  const text = (await readCredential(passwordFile)).toString('utf8');
  return { name: username, password: text.replace(/\r?\n$/, '') };
}

async function readCredential(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const reason = toError(error).message;
    throw new SourceError('etcd-credentials', `cannot read ${path}: ${reason}`, error);
  }
}
