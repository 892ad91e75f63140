import type { Configuration, IDToken, UserInfoResponse } from 'openid-client';
import { SluiceError } from '../../errors.ts';
import type { OidcPerson } from './oidc-accounts.ts';
import { createPending } from './pending.ts';

export interface OidcSettings {
  /** Empty: no such sign-in. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** What the button says. */
  readonly name: string;
}

/** One way to the provider and back. */
interface RoundTrip {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly redirectUri: string;
  readonly to: string;
}

const ROUND_TRIP_MS = 10 * 60_000;
const TIMEOUT_SECONDS = 15;

const library = () => import('openid-client');

/** OpenID Connect: the authorization code flow with PKCE, state and nonce, by openid-client. */
export function createOidc(settings: OidcSettings, now: () => Date) {
  const isOn = settings.issuer !== '';
  const trips = createPending<RoundTrip>(ROUND_TRIP_MS, now);
  let known: Promise<Configuration> | null = null;

  /** What the provider says of itself, asked once; a failure is forgotten, so that the next attempt asks again. */
  const configuration = (): Promise<Configuration> => {
    known ??= discover(settings).catch((error: unknown) => {
      known = null;
      throw unreachable(error);
    });
    return known;
  };

  /**
   * Where to send the browser, and the id that it must bring back (in a cookie: who did not begin the round trip in
   * this browser cannot end it here).
   */
  const start = async (
    redirectUri: string,
    to: string,
  ): Promise<{ readonly id: string; readonly url: string }> => {
    if (!isOn) throw new SluiceError('not_found', 'Not found.');
    const client = await library();
    const config = await configuration();
    const trip: RoundTrip = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      codeVerifier: client.randomPKCECodeVerifier(),
      redirectUri,
      to,
    };
    const id = client.randomState();
    trips.put(id, trip);
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: redirectUri,
      scope: 'openid email profile',
      state: trip.state,
      nonce: trip.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(trip.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { id, url: url.href };
  };

  /** `query` is what the provider sent back, `?` included. Throws `invalid` and `forbidden` with a reason. */
  const finish = async (
    id: string | null,
    query: string,
  ): Promise<{ readonly person: OidcPerson; readonly to: string }> => {
    if (!isOn) throw new SluiceError('not_found', 'Not found.');
    const trip = id === null ? null : trips.take(id);
    if (trip === null) {
      throw new SluiceError('invalid', 'This sign-in took too long, or began in another browser.', {
        reason: 'oidc_expired',
      });
    }
    const client = await library();
    const config = await configuration();
    const url = new URL(trip.redirectUri);
    url.search = query;
    try {
      const tokens = await client.authorizationCodeGrant(config, url, {
        pkceCodeVerifier: trip.codeVerifier,
        expectedState: trip.state,
        expectedNonce: trip.nonce,
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined) throw new Error('the provider sent no ID token');
      // Some providers put the email into the ID token, others answer it only when asked.
      const info: IDToken | UserInfoResponse =
        claims['email'] === undefined && config.serverMetadata().userinfo_endpoint !== undefined
          ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
          : claims;
      return { person: toPerson(claims.iss, claims.sub, info), to: trip.to };
    } catch (error) {
      throw failed(error, new URLSearchParams(query).get('error'));
    }
  };

  return { isOn, name: settings.name, start, finish };
}

async function discover(settings: OidcSettings): Promise<Configuration> {
  const { allowInsecureRequests, discovery, enableNonRepudiationChecks } = await library();
  const issuer = new URL(settings.issuer);
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(issuer.hostname);
  // Only on this machine: elsewhere anybody on the way could answer in the provider's place.
  const isPlain = issuer.protocol === 'http:' && isLocal;
  return discovery(issuer, settings.clientId, settings.clientSecret, undefined, {
    timeout: TIMEOUT_SECONDS,
    // The library trusts the connection for the ID token's signature unless it is told to check it.
    execute: [enableNonRepudiationChecks, ...(isPlain ? [allowInsecureRequests] : [])],
  });
}

function toPerson(issuer: string, subject: string, info: IDToken | UserInfoResponse): OidcPerson {
  const text = (name: string): string => {
    const value = info[name];
    return typeof value === 'string' ? value.replace(/\p{C}/gu, '').slice(0, 100) : '';
  };
  return {
    issuer,
    subject,
    email: typeof info['email'] === 'string' ? info['email'] : null,
    // Some providers send the word.
    emailVerified: info['email_verified'] === true || info['email_verified'] === 'true',
    firstName: text('given_name') || text('name'),
    lastName: text('family_name'),
  };
}

function failed(cause: unknown, said: string | null): SluiceError {
  if (said === 'access_denied') {
    return new SluiceError('forbidden', 'The provider refused to sign you in.', {
      reason: 'oidc_denied',
      cause,
    });
  }
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new SluiceError('invalid', `The provider's answer was not accepted: ${detail}`, {
    reason: 'oidc_failed',
    cause,
  });
}

function unreachable(cause: unknown): SluiceError {
  const detail = cause instanceof Error ? cause.message : String(cause);
  return new SluiceError('unavailable', `The OIDC provider cannot be used: ${detail}`, {
    reason: 'oidc_unavailable',
    remedy: 'Check oidc_issuer and that the server reaches it.',
    cause,
  });
}
