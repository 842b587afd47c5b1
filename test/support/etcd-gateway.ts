import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Paths of the PEM files of one TLS identity. */
export interface TlsFiles {
  readonly caCertFile: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** How to reach etcd's JSON gateway, which needs neither etcdctl nor the client under test. */
export interface Gateway {
  readonly endpoint: string;
  readonly tls?: TlsFiles | undefined;
  /** Name of the network namespace that the endpoint is in. */
  readonly netns?: string | undefined;
}

/** Calls one method of etcd's gateway; rejects with what etcd answered when that is not 200. */
export async function callGateway(
  gateway: Gateway,
  path: string,
  body: object,
  token = '',
): Promise<Record<string, unknown>> {
  const text =
    gateway.netns === undefined
      ? await post(gateway, path, JSON.stringify(body), token)
      : await postInside(gateway.netns, gateway, path, { body: JSON.stringify(body), token });
  return JSON.parse(text) as Record<string, unknown>;
}

function post(gateway: Gateway, path: string, body: string, token: string): Promise<string> {
  const { tls } = gateway;
  const url = new URL(path, gateway.endpoint);
  const headers = { 'content-type': 'application/json', ...authorization(token) };
  const options = { method: 'POST', headers, timeout: 10_000, agent: false } as const;
  return new Promise((resolve, reject) => {
    const call =
      tls === undefined
        ? httpRequest(url, options)
        : httpsRequest(url, {
            ...options,
            ca: readFileSync(tls.caCertFile),
            cert: readFileSync(tls.certFile),
            key: readFileSync(tls.keyFile),
          });
    call.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`etcd ${path}: ${response.statusCode ?? 0} ${text}`));
      });
    });
    call.on('timeout', () => call.destroy(new Error(`etcd ${path}: no answer within 10 s`)));
    call.on('error', reject);
    call.end(body);
  });
}

/** An empty header would be taken for a wrong token, even without authentication. */
function authorization(token: string): Record<string, string> {
  return token === '' ? {} : { authorization: token };
}

function postInside(
  netns: string,
  gateway: Gateway,
  path: string,
  { body, token }: { body: string; token: string },
): Promise<string> {
  const { tls } = gateway;
  const url = new URL(path, gateway.endpoint).href;
  const certificates =
    tls === undefined
      ? []
      : ['--cacert', tls.caCertFile, '--cert', tls.certFile, '--key', tls.keyFile];
  const command = ['netns', 'exec', netns, 'curl', '-sS', '--fail-with-body', '--max-time', '10'];
  const authorizationFlag = token === '' ? [] : ['-H', `Authorization: ${token}`];
  const args = [...command, ...certificates, ...authorizationFlag, '-d', '@-', url];
  return new Promise((resolve, reject) => {
    const child = execFile('ip', args, { maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`etcd ${path}: ${stdout}${stderr}`));
    });
    child.stdin?.end(body);
  });
}
