import { mkdtemp, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Application } from '@sluice/contract';
import { connect, createHostExecutor, createRunner, type Runner } from '@sluice/runner';
import { createRepository, type Files, type TestRepository } from '@sluice/testing';
import { type HttpServer, startHttpServer } from '../../../../test/http-server.ts';

const ENDED = ['passed', 'failed', 'errored', 'canceled'];

/** A real server with one application whose CI is on, and runners that are started when a test wants them. */
export interface ApplicationKit {
  readonly server: HttpServer;
  readonly application: Application;
  readonly work: TestRepository;
  connection(): ReturnType<typeof connect>;
  push(yaml: string, options?: { files?: Files; branch?: string }): Promise<string>;
  startRunner(): Promise<void>;
  killRunner(): Promise<void>;
  /** The build of a commit and its first job's log, once it has ended. */
  ended(sha: string): Promise<{ build: { state: string; verdict: string | null }; log: string }>;
  stop(): Promise<void>;
}

export async function createApplicationKit(): Promise<ApplicationKit> {
  const server = await startHttpServer();
  const work = await createRepository();
  const client = server.client(server.admin.token);
  const application = await client.applications.create({
    ...{ name: 'Shop', organisation: server.organisationUuid },
  });
  await server.store.transaction((trx) =>
    server.git.update(trx, application.repository_uuid, { ciEnabled: true }),
  );
  const connection = () => connect({ socketPath: join(server.dataDir, 'run', 'internal.sock') });
  const workDir = await mkdtemp(join(tmpdir(), 'sluice-job-'));
  let runner: Runner | null = null;
  let changes = 0;
  const killRunner = async () => {
    await runner?.kill();
    runner = null;
  };
  return {
    ...{ server, application, work, connection, killRunner },
    push: async (yaml, { files = {}, branch = 'main' } = {}) => {
      changes += 1;
      const sha = await work.commit(`Change ${changes}`, {
        '.travis.yml': `language: generic\n${yaml}`,
        'index.html': `page ${changes}`,
        ...files,
      });
      const url = new URL(application.git_url);
      url.username = 'x';
      url.password = server.admin.token;
      await work.push(url.href, `+HEAD:refs/heads/${branch}`);
      return sha;
    },
    startRunner: async () => {
      const executor = await createHostExecutor({
        workDir,
        home: homedir(),
        machineEnvironment: process.env,
        hidden: [server.dataDir],
      });
      runner = createRunner({ connection: connection(), executor, name: 'test' });
      runner.start();
    },
    ended: async (sha) => {
      for (;;) {
        const woken = server.store.events.wait('queue', 200);
        const { builds } = await server.ci.builds.list(
          { repositoryUuids: [application.repository_uuid], sha },
          { limit: 1, offset: 0 },
        );
        const [build] = builds;
        if (build && ENDED.includes(build.state)) {
          const detail = await server.ci.builds.get(build.id);
          const log = await server.ci.jobs.logBytes(detail?.jobs[0]?.id ?? 0, 0);
          return { build, log: log.toString() };
        }
        await woken;
      }
    },
    stop: async () => {
      await killRunner();
      await work.remove();
      await rm(workDir, { recursive: true, force: true });
      await server.stop();
    },
  };
}
