import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/browser';
import type { Session } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { signInText } from '../../text/sign-in.ts';

/** Loaded when somebody uses a passkey: most first loads never need it. */
const library = () => import('@simplewebauthn/browser');

/** Asks the browser for a passkey and signs in with it. Throws an Error in words for the reader. */
export async function signInWithPasskey(): Promise<Session> {
  const options: unknown = await api.session.passkeyOptions();
  const { startAuthentication } = await library();
  const credential = await startAuthentication({
    optionsJSON: options as PublicKeyCredentialRequestOptionsJSON,
  }).catch(explain);
  return api.session.passkey({ credential: { ...credential, clientExtensionResults: {} } });
}

/** Makes a passkey in the browser's or another device's keeping and adds it to the account. */
export async function addPasskey(name: string): Promise<void> {
  const options: unknown = await api.account.passkeys.options();
  const { startRegistration } = await library();
  const credential = await startRegistration({
    optionsJSON: options as PublicKeyCredentialCreationOptionsJSON,
  }).catch(explain);
  await api.account.passkeys.create({
    name,
    credential: { ...credential, clientExtensionResults: {} },
  });
}

function explain(error: unknown): never {
  const name = error instanceof Error ? error.name : '';
  // Browsers do not tell a click on "cancel" from a timeout, on purpose.
  if (name === 'NotAllowedError' || name === 'AbortError') throw new Error(signInText.cancelled);
  const detail = error instanceof Error ? error.message : String(error);
  throw new Error(signInText.passkeyBroken(detail));
}
