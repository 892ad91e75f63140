import { parseScope } from '../accounts/index.ts';
import { SluiceError } from '../errors.ts';
import type { Store } from '../store/index.ts';
import { requireInstallation, withAccounts } from './installation.ts';

export interface CreateTokenOptions {
  readonly data: string;
  readonly email: string;
  readonly name: string;
  readonly scope?: readonly string[];
  readonly expiresAt?: string;
}

export async function createToken(options: CreateTokenOptions): Promise<void> {
  const data = await requireInstallation(options.data);
  const token = await withAccounts(data, async (accounts, store) => {
    const user = await accounts.users.byEmail(options.email);
    if (user === null) {
      throw new SluiceError('not_found', `There is no user with the email ${options.email}.`);
    }
    const scopes =
      options.scope === undefined
        ? null
        : await Promise.all(options.scope.map((text) => parseScope(text, findApplication(store))));
    const created = await accounts.createToken(
      {
        userUuid: user.uuid,
        name: options.name,
        scopes,
        expiresAt: options.expiresAt ?? null,
      },
      'sluice admin',
    );
    return created.token;
  });
  process.stdout.write(`${token}\n`);
}

/** Finds an application by website id, slug or uuid. */
const findApplication = (store: Store) => async (name: string) => {
  const query = store.db.selectFrom('applications').select('uuid').where('deleted_at', 'is', null);
  const row = await (/^\d+$/.test(name)
    ? query.where('website_id', '=', Number(name))
    : query.where((or) => or.or([or('slug', '=', name), or('uuid', '=', name)]))
  ).executeTakeFirst();
  return row?.uuid ?? null;
};
