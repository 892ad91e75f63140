import { randomUUID } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { SluiceError } from '../../errors.ts';
import type { Store } from '../../store/index.ts';
import type { PasskeyRow } from '../../store/schema/sessions.ts';
import type { Audit } from '../audit.ts';
import { createLimiter } from '../limiter.ts';
import { readName } from '../names.ts';
import { createPasskeyRows, type Passkey, toPasskey } from './passkey-rows.ts';
import { createPending } from './pending.ts';
import type { Sessions } from './sessions.ts';
import type { Self } from './two-factor.ts';
import type { Browser, OpenedSession } from './types.ts';

/** The address that the browser is on: a passkey belongs to its host name and opens nothing elsewhere. */
export interface Site {
  /** `https://ci.example.com`, with a port where there is one. */
  readonly origin: string;
  /** `ci.example.com` */
  readonly hostName: string;
}

const CHALLENGE_LIFE_MS = 5 * 60_000;
/** EdDSA, ES256, RS256: what authenticators can do today. */
const ALGORITHMS = [-8, -7, -257];

// Measured: 200 ms and 27 MB to load, so only for installations that use passkeys.
const library = () => import('@simplewebauthn/server');

/**
 * Passkeys (WebAuthn, discoverable): one is both factors at once, for the authenticator asks for a finger, a face or
 * a PIN before it signs.
 */
export function createPasskeys(store: Store, audit: Audit, sessions: Sessions, now: () => Date) {
  const rows = createPasskeyRows(store, audit);
  const registrations = createPending<string>(CHALLENGE_LIFE_MS, now);
  const assertions = createPending<true>(CHALLENGE_LIFE_MS, now);
  const bySource = createLimiter({ limit: 60, windowMs: 15 * 60_000 }, now);

  /** What the browser needs to make a passkey. */
  const registrationOptions = async (
    self: Self,
    site: Site,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> => {
    const { generateRegistrationOptions } = await library();
    const known = await store.db
      .selectFrom('passkeys')
      .select('credential_id')
      .where('user_uuid', '=', self.userUuid)
      .execute();
    const options = await generateRegistrationOptions({
      rpName: 'Sluice',
      rpID: site.hostName,
      userName: self.email,
      userID: new TextEncoder().encode(self.userUuid),
      attestationType: 'none',
      excludeCredentials: known.map(({ credential_id: id }) => ({ id })),
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      supportedAlgorithmIDs: ALGORITHMS,
    });
    registrations.put(options.challenge, self.userUuid);
    return options;
  };

  /** Stores what the browser made of the options, which were for this person and are used up. */
  const register = async (
    self: Self,
    site: Site,
    name: string,
    response: RegistrationResponseJSON,
  ): Promise<Passkey> => {
    const { verifyRegistrationResponse } = await library();
    const verified = await verifyRegistrationResponse({
      response,
      expectedChallenge: (challenge) => registrations.take(challenge) === self.userUuid,
      expectedOrigin: site.origin,
      expectedRPID: site.hostName,
      supportedAlgorithmIDs: ALGORITHMS,
    }).catch(refuse);
    if (!verified.verified) throw refused();
    const { credential } = verified.registrationInfo;
    const row: PasskeyRow = {
      uuid: randomUUID(),
      user_uuid: self.userUuid,
      credential_id: credential.id,
      public_key: Buffer.from(credential.publicKey).toString('base64url'),
      counter: credential.counter,
      transports: JSON.stringify(credential.transports ?? []),
      name: readName('name', name) || 'Passkey',
      created_at: now().toISOString(),
      last_used_at: null,
    };
    await store.transaction(async (trx) => {
      const known = await trx
        .selectFrom('passkeys')
        .select('uuid')
        .where('credential_id', '=', row.credential_id)
        .executeTakeFirst();
      if (known !== undefined) throw new SluiceError('conflict', 'This passkey is here already.');
      await trx.insertInto('passkeys').values(row).execute();
      await audit.record(trx, {
        actor: self.email,
        action: 'passkey.add',
        target: `user:${self.userUuid}`,
        details: { passkey: row.uuid, name: row.name },
      });
    });
    return toPasskey(row);
  };

  /** What the browser needs to sign in with a passkey. It names nobody: the passkey itself knows whose it is. */
  const signInOptions = async (site: Site): Promise<PublicKeyCredentialRequestOptionsJSON> => {
    const { generateAuthenticationOptions } = await library();
    const options = await generateAuthenticationOptions({
      rpID: site.hostName,
      userVerification: 'required',
    });
    assertions.put(options.challenge, true);
    return options;
  };

  /** Throws `invalid` (`passkey_unknown`, `passkey_refused`) and `rate_limited`. */
  const signIn = async (
    site: Site,
    response: AuthenticationResponseJSON,
    browser: Browser,
  ): Promise<OpenedSession> => {
    bySource.check(browser.address);
    bySource.fail(browser.address);
    const { verifyAuthenticationResponse } = await library();
    const row = await ownerOf(response);
    const verified = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => assertions.take(challenge) === true,
      expectedOrigin: site.origin,
      expectedRPID: site.hostName,
      credential: {
        id: row.credential_id,
        publicKey: new Uint8Array(Buffer.from(row.public_key, 'base64url')),
        counter: row.counter,
      },
    }).catch(refuse);
    if (!verified.verified) throw refused();
    const { newCounter } = verified.authenticationInfo;
    const opened = await store.transaction(async (trx) => {
      // An authenticator that counts never repeats a number: of two requests with one signature, one comes too late.
      const { numUpdatedRows } = await trx
        .updateTable('passkeys')
        .set({ counter: newCounter, last_used_at: now().toISOString() })
        .where('uuid', '=', row.uuid)
        .where('counter', '=', row.counter)
        .executeTakeFirstOrThrow();
      if (numUpdatedRows === 0n) throw refused();
      const { user_uuid: uuid, email, is_admin } = row;
      const user = { uuid, email, isMachine: false, isAdmin: is_admin === 1 };
      return sessions.open(trx, user, 'passkey', browser);
    });
    bySource.forgive(browser.address);
    return opened;
  };

  /** The passkey's row with its user. What the authenticator says of the user must agree. */
  const ownerOf = async (response: AuthenticationResponseJSON) => {
    const row = await store.db
      .selectFrom('passkeys as p')
      .innerJoin('users as u', 'u.uuid', 'p.user_uuid')
      .selectAll('p')
      .select(['u.email', 'u.is_admin'])
      .where('p.credential_id', '=', response.id)
      .where('u.disabled_at', 'is', null)
      .executeTakeFirst();
    const handle = response.response.userHandle;
    const isTheirs =
      handle === undefined || Buffer.from(handle, 'base64url').toString() === row?.user_uuid;
    if (row !== undefined && isTheirs) return row;
    throw new SluiceError('invalid', 'This passkey is not known here; it may have been removed.', {
      reason: 'passkey_unknown',
      remedy: 'Sign in another way and add it under Account, Security.',
    });
  };

  return { ...rows, registrationOptions, register, signInOptions, signIn };
}

const refuse = (cause: unknown): never => {
  throw refused(cause);
};

const refused = (cause?: unknown) =>
  new SluiceError('invalid', 'The passkey was not accepted.', {
    reason: 'passkey_refused',
    remedy: 'Try once more; if it stays so, sign in another way.',
    cause,
  });
