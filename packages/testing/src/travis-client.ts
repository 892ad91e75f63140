import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TravisAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text read as JSON; the text itself where it is none, as the command takes it. */
  readonly body: unknown;
}

/** The requests of the `travis` command, byte for byte where it matters (spec/travis.md 15). */
export interface TravisClient {
  head(): Promise<TravisAnswer>;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<TravisAnswer>;
  /** Fields of a form, or a text: JSON that travels under the content type of a form. */
  send(
    method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    path: string,
    body?: Readonly<Record<string, string>> | string,
    headers?: Readonly<Record<string, string>>,
  ): Promise<TravisAnswer>;
}

const HEADERS = {
  accept: 'application/vnd.travis-ci.2+json',
  'user-agent':
    'Travis/1.14.0 (Ubuntu 22.04 like Linux; Ruby 3.1.2; RubyGems 3.3.5; command show) Faraday/2.9.0 Typhoeus/1.4.1',
};

export function createTravisClient(url: string, token: string | null): TravisClient {
  const request = async (
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
    body?: string,
  ): Promise<TravisAnswer> => {
    const response = await fetch(`${url}/${path.replace(/^\//, '')}`, {
      method,
      headers: {
        ...HEADERS,
        ...(token === null ? {} : { authorization: `token ${token}` }),
        // What Faraday's adapters say of every body, also of a text.
        ...(body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: parse(text) };
  };
  return {
    head: () => request('HEAD', ''),
    get: (path, headers) => request('GET', path, headers),
    send: (method, path, body, headers) =>
      request(
        method,
        path,
        headers,
        typeof body === 'object' ? new URLSearchParams(body).toString() : body,
      ),
  };
}

/** RSA with PKCS#1 v1.5 padding by openssl, in base64 without line ends: what the command writes behind `secure`. */
export async function opensslEncrypt(pem: string, text: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-openssl-'));
  try {
    const key = join(directory, 'key.pem');
    await writeFile(key, pem);
    const words = ['pkeyutl', '-encrypt', '-pubin', '-inkey', key];
    const encrypted = await new Promise<Buffer>((resolve, reject) => {
      const child = execFile(
        'openssl',
        [...words, '-pkeyopt', 'rsa_padding_mode:pkcs1'],
        { encoding: 'buffer' },
        (error, stdout) => (error === null ? resolve(stdout) : reject(error)),
      );
      child.stdin?.end(text);
    });
    return encrypted.toString('base64');
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
