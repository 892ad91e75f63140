import type { Trx } from '../../store/index.ts';
import type { Context } from '../dependencies.ts';
import type { Job } from '../rows.ts';
import { readMachines } from './machines.ts';
import { waitingFor } from './matching.ts';
import { readNeeds } from './needs.ts';
import { embeddedMachine } from './this-machine.ts';

type Reader = Pick<Trx, 'selectFrom'>;

/** What these jobs wait for besides their turn, by id; only of queued ones that no runner can take now. */
export async function waitsOf(
  context: Context,
  db: Reader,
  jobs: readonly Job[],
): Promise<Map<number, string>> {
  const found = new Map<number, string>();
  const queued = jobs.filter((job) => job.state === 'queued');
  if (queued.length === 0) return found;
  const embedded = context.settings.embedded?.() ?? null;
  const machines = [
    ...(embedded === null
      ? []
      : [
          {
            ...embeddedMachine(embedded.name, embedded.isolates),
            ...{ uuid: 'embedded', state: 'online' as const },
          },
        ]),
    ...(await readMachines(db, context.now())),
  ];
  const organisations = await organisationsOf(db, [
    ...new Set(queued.map((job) => job.repository_uuid)),
  ]);
  for (const job of queued) {
    const words = waitingFor(
      {
        needs: readNeeds(job.needs),
        trusted: job.trusted === 1,
        organisationUuid: organisations.get(job.repository_uuid) ?? null,
      },
      machines,
    );
    if (words !== null) found.set(job.id, words);
  }
  return found;
}

/** The same for one job; null: a runner that may have it is at work. */
export async function wantedBy(context: Context, db: Reader, job: Job): Promise<string | null> {
  return (await waitsOf(context, db, [job])).get(job.id) ?? null;
}

async function organisationsOf(
  db: Reader,
  repositoryUuids: readonly string[],
): Promise<Map<string, string>> {
  const rows = await db
    .selectFrom('repositories')
    .select(['uuid', 'organisation_uuid'])
    .where('uuid', 'in', repositoryUuids)
    .execute();
  return new Map(rows.map((row) => [row.uuid, row.organisation_uuid]));
}
