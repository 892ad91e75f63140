import { randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Artifact } from '@sluice/contract';
import type { Selectable } from 'kysely';
import { SluiceError } from '../../errors.ts';
import type { Trx } from '../../store/index.ts';
import type { CiArtifactRow } from '../../store/schema/artifacts.ts';
import { type Context, isoTime } from '../dependencies.ts';
import { workingJob } from '../held-job.ts';
import { receive } from '../receive.ts';
import { artifactPath } from './names.ts';
import { createArtifactSweeper } from './sweep.ts';

/** How it may be shown is for the door to say. */
export type KeptArtifact = Omit<Artifact, 'viewable'>;

export interface ArtifactUpload {
  /** As the job calls it. */
  readonly path: string;
  /** As announced, so that what is too large need not be sent. */
  readonly sizeBytes: number;
  /** In hex; what arrives must have it. */
  readonly sha256: string;
  readonly body: Readable;
}

/** Files that jobs leave (`addons.artifacts`, spec/travis.md 2), kept for a while. */
export interface Artifacts {
  /**
   * Keeps a file of the job that this token leases; one of that path and attempt is replaced, so that it may be sent
   * twice. Throws `too_large` (`artifact_too_large`, `artifacts_full`), `invalid` (`artifact_name`, `artifact_damaged`) and
   * `conflict` (`lease_lost`); then nothing has changed.
   */
  store(jobId: number, leaseToken: string, upload: ArtifactUpload): Promise<void>;
  /** By path; of the attempt, default the newest. */
  list(jobId: number, attempt?: number): Promise<{ attempt: number; artifacts: KeptArtifact[] }>;
  /** Null: there is none of this id at this job. The caller reads or destroys the stream. */
  open(jobId: number, id: number): Promise<{ artifact: KeptArtifact; stream: Readable } | null>;
  /** Those of the job, all attempts; answers how many. */
  remove(jobId: number): Promise<number>;
  start(): void;
  stop(): Promise<void>;
  /** Removes what has had its time, what is too much, and what nobody can see any more. */
  sweep(): Promise<void>;
}

export function createArtifacts(context: Context): Artifacts {
  const { store, artifacts: limits } = context;
  const { db, blobs } = store;
  const sweeper = createArtifactSweeper(context);

  const rowsOf = (jobId: number, attempt: number) =>
    db
      .selectFrom('ci_artifacts')
      .selectAll()
      .where('job_id', '=', jobId)
      .where('attempt', '=', attempt);

  /** Room for one more; what it replaces does not count. Throws `too_large`. */
  const checkRoom = async (
    reader: Pick<Trx, 'selectFrom'>,
    job: { id: number; attempt: number },
    path: string,
    sizeBytes: number,
  ): Promise<void> => {
    if (limits.jobBytes === 0) throw full('Artifacts are switched off here.');
    if (sizeBytes > limits.jobBytes) {
      throw new SluiceError('too_large', `It is larger than ${limits.jobBytes} bytes, the limit.`, {
        reason: 'artifact_too_large',
      });
    }
    const { files, bytes } = await reader
      .selectFrom('ci_artifacts')
      .select((one) => [
        one.fn.countAll<number>().as('files'),
        one.fn.sum<number | null>('size_bytes').as('bytes'),
      ])
      .where('job_id', '=', job.id)
      .where('attempt', '=', job.attempt)
      .where('path', '!=', path)
      .executeTakeFirstOrThrow();
    if (Number(files) >= limits.jobFiles) {
      throw full(`A job keeps at most ${limits.jobFiles} files.`);
    }
    if (Number(bytes ?? 0) + sizeBytes > limits.jobBytes) {
      throw full(`The artifacts of a job may take ${limits.jobBytes} bytes together.`);
    }
  };

  return {
    store: async (jobId, leaseToken, upload) => {
      const path = artifactPath(upload.path);
      const job = await workingJob(db, jobId, leaseToken);
      await checkRoom(db, job, path, upload.sizeBytes);
      const damaged = (what: string) =>
        new SluiceError('invalid', `The artifact ${path} arrived damaged: ${what}.`, {
          reason: 'artifact_damaged',
        });
      const received = await receive(blobs, upload.body, upload.sizeBytes, () =>
        damaged('it is longer than announced'),
      );
      const blob = `artifacts/${job.id}/${job.attempt}/${randomBytes(16).toString('hex')}`;
      const { sizeBytes, sha256 } = received;
      try {
        if (sizeBytes !== upload.sizeBytes) throw damaged('it is shorter than announced');
        if (sha256 !== upload.sha256) throw damaged('its checksum is another');
        await blobs.put(blob, received.path);
        const now = context.now();
        const older = await context.transact(async (trx, change) => {
          // The lease may have been lost while the file was on its way.
          const held = await workingJob(trx, jobId, leaseToken);
          await checkRoom(trx, held, path, sizeBytes);
          const gone = await trx
            .deleteFrom('ci_artifacts')
            .where('job_id', '=', held.id)
            .where('attempt', '=', held.attempt)
            .where('path', '=', path)
            .returning('blob')
            .execute();
          await trx
            .insertInto('ci_artifacts')
            .values({
              ...{ repository_uuid: held.repository_uuid, job_id: held.id, attempt: held.attempt },
              ...{ path, blob, size_bytes: sizeBytes, sha256 },
              created_at: isoTime(now),
              expires_at: isoTime(now + limits.keptMs),
            })
            .execute();
          change.wake(`job:${jobId}`);
          return gone.map((row) => row.blob);
        });
        await sweeper.discard(older);
      } catch (error) {
        await received.discard();
        const row = await db
          .selectFrom('ci_artifacts')
          .select('id')
          .where('blob', '=', blob)
          .executeTakeFirst();
        if (row === undefined) await sweeper.discard([blob]);
        throw error;
      }
    },

    list: async (jobId, wanted) => {
      const job = await db
        .selectFrom('jobs')
        .select('attempt')
        .where('id', '=', jobId)
        .executeTakeFirst();
      const attempt = Math.min(wanted ?? job?.attempt ?? 1, job?.attempt ?? 1);
      const rows = await rowsOf(jobId, attempt).orderBy('path').execute();
      return { attempt, artifacts: rows.map(artifactOf) };
    },

    open: async (jobId, id) => {
      const row = await db
        .selectFrom('ci_artifacts')
        .selectAll()
        .where('id', '=', id)
        .where('job_id', '=', jobId)
        .executeTakeFirst();
      if (row === undefined) return null;
      const found = await blobs.open(row.blob);
      return found === null ? null : { artifact: artifactOf(row), stream: found.stream };
    },

    remove: async (jobId) => {
      const rows = await db
        .selectFrom('ci_artifacts')
        .select(['id', 'blob'])
        .where('job_id', '=', jobId)
        .execute();
      await sweeper.remove(rows);
      return rows.length;
    },

    start: sweeper.start,
    stop: sweeper.stop,
    sweep: sweeper.sweep,
  };
}

const full = (message: string) =>
  new SluiceError('too_large', message, { reason: 'artifacts_full' });

const artifactOf = (row: Selectable<CiArtifactRow>): KeptArtifact => ({
  ...{ id: row.id, job: row.job_id, attempt: row.attempt, path: row.path },
  ...{ size_bytes: row.size_bytes, sha256: row.sha256 },
  ...{ created_at: row.created_at, expires_at: row.expires_at },
});
