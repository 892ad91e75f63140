import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import Docker from 'dockerode';
import { createAccounts } from '../../accounts/index.ts';
import { createApplications } from '../../applications/index.ts';
import { frames } from '../../deploy/runtimes/docker/frames.ts';
import { createDockerRuntime } from '../../deploy/runtimes/docker/index.ts';
import { installationId, namesOf } from '../../deploy/runtimes/docker/labels.ts';
import type { DockerRuntimeOptions } from '../../deploy/runtimes/docker/options.ts';
import { engineForTests, testOptions } from '../../deploy/runtimes/docker/test/engine.ts';
import { createGit } from '../../git/index.ts';
import { createSecrets } from '../../secrets/index.ts';
import { openStore } from '../../store/index.ts';
import { createServices, type KindName, type ServiceInstance } from '../index.ts';

/** The room over a store of its own and the machine's engine, with an application to attach services to. */
export async function createServicesKit(
  images: Partial<Record<KindName, string>>,
  engine: Partial<DockerRuntimeOptions> = {},
) {
  const dataDir = mkdtempSync(join(tmpdir(), 'sluice-services-'));
  const store = await openStore({ dataDir });
  const secrets = await createSecrets({ dataDir, db: store.db });
  const git = createGit({ dataDir, store, secrets, searchPath: process.env['PATH'] ?? '' });
  await git.start();
  const accounts = createAccounts({ store });
  const applications = createApplications({
    ...{ store, git, secrets },
    settings: { appDomain: 'localhost', deletionGraceDays: 7 },
    applicationPort: () => 80,
  });
  const owner = await accounts.createOrganisation({ name: 'Team', owner: null }, 'test');
  const application = await applications.create({
    ...{ name: 'Shop', organisationUuid: owner.uuid, createdBy: null },
  });
  const [test, live] = await applications.environments(application.uuid);
  if (test === undefined || live === undefined) throw new Error('no environments');
  const runtime = createDockerRuntime(testOptions(dataDir, engine));
  const docker = new Docker();
  const names = namesOf(installationId(dataDir));
  const errors: unknown[] = [];
  const clock = { now: () => new Date() };
  const open = () =>
    createServices({
      ...{ store, secrets, applications, backing: runtime.backing },
      settings: { images, readyMs: 120_000, graceDays: 7 },
      onError: (error) => errors.push(error),
      now: () => clock.now(),
    });
  let services = open();

  return {
    ...{ store, applications, application, test, live, docker, names, errors, clock },
    ...{ secrets, dataDir, backing: runtime.backing },
    get services() {
      return services;
    },
    /** As after a restart of the server. */
    reopen: () => {
      services = open();
      return services;
    },
    add: (kind: KindName, prefix = '', environmentUuid = test.uuid): Promise<ServiceInstance> =>
      services.create({
        ...{ environmentUuid, applicationUuid: application.uuid, kind, prefix, by: 'test' },
      }),
    attach: async (environmentUuid = test.uuid): Promise<string[]> => {
      const lines: string[] = [];
      const say = async (text: string) => void lines.push(text);
      await services.attach(environmentUuid, say, new AbortController().signal);
      return lines;
    },
    /** Runs a program in a container of the moment on an environment's network, with what a release is given. */
    run: async (environmentUuid: string, image: string, command: string): Promise<string> => {
      const { variables, mounts } = await services.injected(environmentUuid);
      const container = await docker.createContainer({
        Image: image,
        Entrypoint: ['/bin/sh', '-c', `${command} 2>&1`],
        Cmd: [],
        Env: Object.entries(variables).map(([name, value]) => `${name}=${value}`),
        Labels: names.labels('look'),
        HostConfig: {
          NetworkMode: names.network(environmentUuid),
          Mounts: mounts.map(({ serviceUuid, path }) => ({
            ...{ Type: 'volume' as const, Source: names.backing(serviceUuid), Target: path },
          })),
        },
      });
      await container.start();
      await container.wait();
      const output = await container.logs({ stdout: true, stderr: true });
      await container.remove({ force: true });
      const pieces: Buffer[] = [];
      for await (const { bytes } of frames(Readable.from([output]))) pieces.push(bytes);
      return Buffer.concat(pieces).toString('utf8').trim();
    },
    containers: () => docker.listContainers({ all: true, filters: names.filter('backing') }),
    volumes: async () =>
      (await docker.listVolumes({ filters: JSON.stringify(names.filter('backing')) })).Volumes,
    destroy: async () => {
      await services.stop();
      await engineForTests(dataDir).removeAll();
      await git.stop();
      await secrets.settled();
      await store.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type ServicesKit = Awaited<ReturnType<typeof createServicesKit>>;
