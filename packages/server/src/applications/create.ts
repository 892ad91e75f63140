import { randomUUID } from 'node:crypto';
import { type ReleaseCommand, slugify } from '@sluice/contract';
import { SluiceError } from '../errors.ts';
import type { Git } from '../git/types.ts';
import type { Store, Trx } from '../store/index.ts';
import { CATALOGUE_CHECKS } from './catalogue.ts';
import { type EnvironmentMaker, FIRST_ENVIRONMENTS } from './environments.ts';
import { checkReleaseCommands, type FieldErrors, NAMES } from './names.ts';
import { toApplication } from './rows.ts';
import type { Application } from './types.ts';

/** As a request brings it: everything may be missing or null, and all that is wrong is told at once. */
export interface NewApplication {
  readonly name?: string | null;
  /** Made from the name when it is absent. */
  readonly slug?: string | null;
  readonly organisationUuid?: string | null;
  readonly planGroup?: string | null;
  readonly region?: string | null;
  readonly appTemplate?: string | null;
  readonly releaseCommands?: readonly ReleaseCommand[] | null;
  /** A mirror that belongs to no application yet, and that the creator may give away; null: Sluice hosts it. */
  readonly repositoryUuid?: string | null;
  readonly branch?: string | null;
  readonly createdBy: string | null;
  /** Runs in the transaction that makes it, e.g. to make its creator a collaborator. */
  readonly alongside?: (trx: Trx, application: Application) => Promise<void>;
}

const REQUIRED = 'This field is required.';

export function createCreate(
  store: Store,
  git: Pick<Git, 'createHosted' | 'ensureOnDisk' | 'get' | 'update'>,
  makeEnvironment: EnvironmentMaker,
  now: () => Date,
) {
  /** Whatever can be told of the fields without making anything; an empty object is a good answer. */
  const check = async (input: NewApplication): Promise<FieldErrors> => {
    const errors: FieldErrors = {};
    const note = (field: string, complaint: string | null) => {
      if (complaint !== null) errors[field] = [complaint];
    };
    note('name', input.name == null ? REQUIRED : NAMES.name(input.name));
    const slug = input.slug ?? (input.name == null ? null : slugify(input.name));
    note('slug', slug === null ? REQUIRED : NAMES.applicationSlug(slug));
    if (slug !== null && errors['slug'] === undefined && (await isSlugTaken(slug))) {
      note('slug', 'There is an application with this slug already.');
    }
    note('organisation', await checkOrganisation(input.organisationUuid ?? null));
    if (input.planGroup) note('plan_group', CATALOGUE_CHECKS.plan_group(input.planGroup));
    if (input.region) note('region', CATALOGUE_CHECKS.region(input.region));
    if (input.appTemplate) note('app_template', CATALOGUE_CHECKS.app_template(input.appTemplate));
    if (input.releaseCommands) {
      note('release_commands', checkReleaseCommands(input.releaseCommands));
    }
    if (input.repositoryUuid) {
      note('repository', await checkRepository(input.repositoryUuid, input.organisationUuid));
    }
    if (input.branch) note('branch', NAMES.branch(input.branch));
    return errors;
  };

  const isSlugTaken = async (slug: string): Promise<boolean> =>
    (await store.db
      .selectFrom('applications')
      .select('uuid')
      .where('slug', '=', slug)
      .executeTakeFirst()) !== undefined;

  const checkOrganisation = async (uuid: string | null): Promise<string | null> => {
    if (uuid === null || uuid === '') return REQUIRED;
    const found = await store.db
      .selectFrom('organisations')
      .select('uuid')
      .where('uuid', '=', uuid)
      .executeTakeFirst();
    return found === undefined ? 'There is no such organisation.' : null;
  };

  const checkRepository = async (
    uuid: string,
    organisationUuid: string | null | undefined,
  ): Promise<string | null> => {
    const repository = await git.get(uuid);
    const isOurs = repository?.organisationUuid === organisationUuid;
    if (repository?.kind !== 'mirror' || !isOurs) return 'There is no such repository.';
    const taken = await store.db
      .selectFrom('applications')
      .select('uuid')
      .where('repository_uuid', '=', uuid)
      .executeTakeFirst();
    return taken === undefined ? null : 'It belongs to another application.';
  };

  const repositoryFor = async (
    trx: Trx,
    input: NewApplication,
    organisationUuid: string,
    slug: string,
  ): Promise<string> => {
    const { repositoryUuid } = input;
    if (!repositoryUuid) return (await git.createHosted(trx, { organisationUuid, slug })).uuid;
    await refuseTakenRepository(trx, repositoryUuid);
    await git.update(trx, repositoryUuid, { slug });
    return repositoryUuid;
  };

  /**
   * Makes the application, its hosted repository (unless one elsewhere is given) and the environments `test` and
   * `live`, in one transaction; then the repository on disk. Throws `invalid` with messages for every field that is wrong, having made nothing.
   */
  const create = async (input: NewApplication): Promise<Application> => {
    const errors = await check(input);
    if (Object.keys(errors).length > 0) {
      throw new SluiceError('invalid', 'The application cannot be created so.', { fields: errors });
    }
    const name = (input.name ?? '').trim();
    const slug = input.slug ?? slugify(name);
    const organisationUuid = input.organisationUuid ?? '';
    const mirrored = input.repositoryUuid ? await git.get(input.repositoryUuid) : null;
    const application = await store.transaction(async (trx) => {
      await refuseTakenSlug(trx, slug);
      const organisation = await trx
        .selectFrom('organisations')
        .select('slug')
        .where('uuid', '=', organisationUuid)
        .executeTakeFirstOrThrow();
      const path = `${organisation.slug}/${slug}`;
      const repositoryUuid = await repositoryFor(trx, input, organisationUuid, path);
      const uuid = randomUUID();
      const { id } = await trx
        .insertInto('website_ids')
        .values({ application_uuid: uuid })
        .returning('id')
        .executeTakeFirstOrThrow();
      const row = {
        uuid,
        website_id: id,
        slug,
        name,
        organisation_uuid: organisationUuid,
        repository_uuid: repositoryUuid,
        plan_group: input.planGroup ?? null,
        region: input.region ?? null,
        app_template: input.appTemplate ?? null,
        release_commands: JSON.stringify(input.releaseCommands ?? []),
        created_by: input.createdBy,
        created_at: now().toISOString(),
        deleted_at: null,
      };
      await trx.insertInto('applications').values(row).execute();
      const made = toApplication(row);
      for (const [position, environment] of FIRST_ENVIRONMENTS.entries()) {
        await makeEnvironment(trx, made, {
          slug: environment,
          branch: input.branch || mirrored?.defaultBranch || 'main',
          position,
        });
      }
      await input.alongside?.(trx, made);
      store.changes.emit({ kind: 'application', id: uuid, application: uuid }, trx);
      return made;
    });
    await git.ensureOnDisk(application.repositoryUuid);
    return application;
  };

  return { check, create };
}

/** Two requests at once may both have passed the check. */
async function refuseTakenSlug(trx: Trx, slug: string): Promise<void> {
  const taken = await trx
    .selectFrom('applications')
    .select('uuid')
    .where('slug', '=', slug)
    .executeTakeFirst();
  if (taken === undefined) return;
  throw new SluiceError('invalid', `The slug ${slug} is taken.`, {
    fields: { slug: ['There is an application with this slug already.'] },
  });
}

async function refuseTakenRepository(trx: Trx, repositoryUuid: string): Promise<void> {
  const taken = await trx
    .selectFrom('applications')
    .select('uuid')
    .where('repository_uuid', '=', repositoryUuid)
    .executeTakeFirst();
  if (taken === undefined) return;
  throw new SluiceError('invalid', 'The repository belongs to another application.', {
    fields: { repository: ['It belongs to another application.'] },
  });
}
