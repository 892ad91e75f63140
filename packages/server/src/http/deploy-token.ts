import { encryptFor } from '@sluice/contract/encryption';
import { addSecureValues, ConfigError } from '@sluice/travis-config';
import type { Identity } from '../accounts/index.ts';
import type { Application } from '../applications/index.ts';
import { SluiceError } from '../errors.ts';
import type { HttpContext } from './context.ts';

interface Wanted {
  readonly application: Application;
  readonly identity: Identity;
  /** The `.travis.yml` to encrypt it into; null: there is none. */
  readonly present: string | null;
}

/**
 * Makes a token that can deploy this application and nothing else, for a machine user of the application's own, and hands
 * `commit` the `.travis.yml` that holds it, encrypted as TOKEN. The token's text is kept nowhere else. When the commit fails, the
 * token is revoked. The caller has seen that whoever asks may deploy.
 */
export async function withDeployToken(
  { accounts, secrets }: Pick<HttpContext, 'accounts' | 'secrets'>,
  { application, identity, present }: Wanted,
  commit: (travis: string) => Promise<string>,
): Promise<string> {
  if (present === null) {
    throw new SluiceError('invalid', 'There is no .travis.yml to put the token into.', {
      fields: { encrypt_token: ['Commit a .travis.yml with it.'] },
    });
  }
  // Whatever is wrong with the file is found before anything is made.
  write(present, 'x');
  const { pem } = await secrets.publicKey(application.repositoryUuid);
  const userUuid = await machineUser(accounts, application, identity.email);
  const { uuid, token } = await accounts.createToken(
    {
      userUuid,
      name: `TOKEN in .travis.yml of ${application.slug}`,
      scopes: [
        {
          actions: ['application:deploy', 'application:read'],
          applications: [application.uuid],
        },
      ],
    },
    identity.email,
  );
  try {
    return await commit(write(present, encryptFor(pem, `TOKEN=${token}`)));
  } catch (error) {
    await accounts.revokeToken(uuid, identity.email);
    throw error;
  }
}

function write(text: string, ciphertext: string): string {
  try {
    return addSecureValues(text, 'env.global', [ciphertext], { append: true });
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new SluiceError('invalid', error.message, { fields: { files: [error.message] } });
  }
}

/** One for each application, made when it is first needed. */
async function machineUser(
  accounts: HttpContext['accounts'],
  { uuid, slug, organisationUuid }: Application,
  actor: string,
): Promise<string> {
  const email = `ci-${slug}-${uuid.slice(0, 8)}@machine.invalid`;
  const known = await accounts.users.byEmail(email);
  if (known !== null && (!known.isMachine || known.disabledAt !== null)) {
    throw new SluiceError('conflict', `The machine user ${email} cannot be used.`, {
      remedy: 'Enable it on the page of machine users.',
    });
  }
  const user =
    known ??
    (await accounts.createMachineUser({ email, firstName: 'CI of', lastName: slug }, null, actor));
  await accounts.collaborators.add(
    null,
    { applicationUuid: uuid, organisationUuid, userUuid: user.uuid },
    actor,
  );
  return user.uuid;
}
