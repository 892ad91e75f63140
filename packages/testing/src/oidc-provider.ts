import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** Who is signed in at the provider. */
export interface ProvidedPerson {
  readonly sub: string;
  readonly email?: string;
  readonly email_verified?: boolean;
  readonly given_name?: string;
  readonly family_name?: string;
}

/** An OpenID Connect provider (authorization code, PKCE, RS256) that checks what a real one checks. */
export interface OidcProvider {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** May be exchanged at any time. */
  person: ProvidedPerson;
  /** Asks the person on a page before it sends them back; otherwise it does so at once. */
  asks: boolean;
  /** Puts the person's claims into the answer of `/userinfo` only, as some providers do. */
  tellsOnlyWhenAsked: boolean;
  /** Claims of the ID token to replace, such as a wrong `nonce`, and whether another key signs it: for attacks. */
  forgery: { readonly claims?: Readonly<Record<string, unknown>>; readonly wrongKey?: boolean };
  close(): Promise<void>;
}

interface Grant {
  readonly redirectUri: string;
  readonly challenge: string;
  readonly nonce: string | null;
  readonly person: ProvidedPerson;
}

const newKey = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

export async function createOidcProvider(): Promise<OidcProvider> {
  const key = newKey();
  const otherKey = newKey();
  const grants = new Map<string, Grant>();
  const accessTokens = new Map<string, ProvidedPerson>();
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider: OidcProvider = {
    issuer,
    clientId: 'sluice',
    clientSecret: randomUUID(),
    person: { sub: '1', email: 'somebody@example.com', email_verified: true },
    asks: false,
    tellsOnlyWhenAsked: false,
    forgery: {},
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };

  const json = (response: ServerResponse, body: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const url = new URL(request.url ?? '/', issuer);
    switch (url.pathname) {
      case '/.well-known/openid-configuration':
        return json(response, {
          issuer,
          authorization_endpoint: `${issuer}/authorize`,
          token_endpoint: `${issuer}/token`,
          userinfo_endpoint: `${issuer}/userinfo`,
          jwks_uri: `${issuer}/jwks`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
          code_challenge_methods_supported: ['S256'],
        });
      case '/jwks': {
        const jwk = key.publicKey.export({ format: 'jwk' });
        return json(response, { keys: [{ ...jwk, kid: '1', use: 'sig', alg: 'RS256' }] });
      }
      case '/authorize':
        return authorize(url, response);
      case '/token':
        return json(response, ...exchange(new URLSearchParams(await text(request))));
      case '/userinfo': {
        const bearer = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
        const person = accessTokens.get(bearer);
        return person === undefined ? json(response, {}, 401) : json(response, person);
      }
      default:
        return response.writeHead(404).end();
    }
  }

  function authorize(url: URL, response: ServerResponse): unknown {
    const get = (name: string) => url.searchParams.get(name);
    const redirectUri = get('redirect_uri') ?? '';
    const isComplete =
      get('client_id') === provider.clientId &&
      get('response_type') === 'code' &&
      get('code_challenge_method') === 'S256' &&
      (get('scope') ?? '').split(' ').includes('openid') &&
      URL.canParse(redirectUri);
    if (!isComplete) return response.writeHead(400).end('bad request');
    const back = new URL(redirectUri);
    back.searchParams.set('state', get('state') ?? '');
    if (provider.asks && get('answer') === null) {
      const link = (answer: string) => {
        url.searchParams.set('answer', answer);
        return `<a href="${url.href.replaceAll('&', '&amp;')}">${answer}</a>`;
      };
      return response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(`<!doctype html><title>Provider</title>${link('Approve')} ${link('Deny')}`);
    }
    if (get('answer') === 'Deny') back.searchParams.set('error', 'access_denied');
    else {
      const code = randomUUID();
      const challenge = get('code_challenge') ?? '';
      grants.set(code, { redirectUri, challenge, nonce: get('nonce'), person: provider.person });
      back.searchParams.set('code', code);
    }
    return response.writeHead(302, { location: back.href }).end();
  }

  function exchange(form: URLSearchParams): [unknown, number?] {
    const code = form.get('code') ?? '';
    const grant = grants.get(code);
    grants.delete(code);
    const verifier = createHash('sha256').update(form.get('code_verifier') ?? '');
    const isGood =
      grant !== undefined &&
      form.get('client_id') === provider.clientId &&
      form.get('client_secret') === provider.clientSecret &&
      form.get('redirect_uri') === grant.redirectUri &&
      verifier.digest('base64url') === grant.challenge;
    if (!isGood) return [{ error: 'invalid_grant' }, 400];
    const accessToken = randomUUID();
    accessTokens.set(accessToken, grant.person);
    const answer = { access_token: accessToken, token_type: 'Bearer', expires_in: 60 };
    return [{ ...answer, id_token: idToken(grant) }];
  }

  function idToken({ nonce, person }: Grant): string {
    const now = Math.floor(Date.now() / 1_000);
    const { sub } = person;
    const claims = {
      ...(provider.tellsOnlyWhenAsked ? { sub } : person),
      ...{ iss: issuer, aud: provider.clientId, iat: now, exp: now + 60 },
      ...(nonce === null ? {} : { nonce }),
      ...provider.forgery.claims,
    };
    const signed = `${base64({ alg: 'RS256', kid: '1' })}.${base64(claims)}`;
    const { privateKey } = provider.forgery.wrongKey === true ? otherKey : key;
    return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
  }

  return provider;
}
