import { text } from 'node:stream/consumers';
import { withAccounts } from './installation.ts';

export interface CreateUserOptions {
  readonly data: string;
  readonly email: string;
  readonly machine?: boolean;
  readonly firstName: string;
  readonly lastName: string;
  readonly passwordStdin?: boolean;
}

/** Without `--machine` the user administers the installation and owns the organisation `default`. */
export async function createUser(options: CreateUserOptions): Promise<void> {
  const password = options.passwordStdin ? (await text(process.stdin)).replace(/\r?\n$/, '') : null;
  const uuid = await withAccounts(options.data, async (accounts) => {
    const user = options.machine
      ? await accounts.createDefaultMachine(options.email, 'sluice admin')
      : await accounts.createAdministrator(
          {
            email: options.email,
            password,
            firstName: options.firstName,
            lastName: options.lastName,
          },
          'sluice admin',
        );
    return user.uuid;
  });
  process.stdout.write(`${uuid}\n`);
}
