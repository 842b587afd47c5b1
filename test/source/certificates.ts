import { execFile } from 'node:child_process';
import { copyFile, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TlsFiles } from '../support/etcd.ts';

const openssl = promisify(execFile);
const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** A certificate authority in a directory of its own. */
export interface Authority {
  readonly caCertFile: string;
  /** Makes certificate and key for `name`; `san` such as `IP:127.0.0.1`; less than no days: expired. */
  issue(name: string, san?: string, days?: number): Promise<TlsFiles>;
}

/** Makes a certificate authority with openssl. */
export async function makeAuthority(directory: string, name: string): Promise<Authority> {
  const home = join(directory, name);
  await mkdir(home);
  const at = (file: string): string => join(home, file);
  const caCertFile = at('ca.crt');
  const caKeyFile = at('ca.key');
  const subject = ['-subj', `/CN=${name}`];
  const ca = ['req', '-x509', ...KEY, '-days', '2', ...subject];
  await openssl('openssl', [...ca, '-keyout', caKeyFile, '-out', caCertFile]);
  return {
    caCertFile,
    issue: async (who, san = `DNS:${who}`, days = 2) => {
      const files = { caCertFile, certFile: at(`${who}.crt`), keyFile: at(`${who}.key`) };
      const request = at(`${who}.csr`);
      const extensions = at(`${who}.ext`);
      await writeFile(extensions, `subjectAltName=${san}\n`);
      const ask = ['req', '-new', ...KEY, '-subj', `/CN=${who}`];
      await openssl('openssl', [...ask, '-keyout', files.keyFile, '-out', request]);
      const sign = ['x509', '-req', '-in', request, '-CA', caCertFile, '-CAkey', caKeyFile];
      const rest = ['-CAcreateserial', '-days', String(days), '-extfile', extensions];
      await openssl('openssl', [...sign, ...rest, '-out', files.certFile]);
      return files;
    },
  };
}

/** Puts `source` in the place of `target` in one step, as a certificate manager does. */
export async function replaceFile(source: string, target: string): Promise<void> {
  await copyFile(source, `${target}.new`);
  await rename(`${target}.new`, target);
}
