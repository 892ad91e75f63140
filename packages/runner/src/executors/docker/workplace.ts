import { randomBytes } from 'node:crypto';
import { stat } from 'node:fs/promises';
import type Docker from 'dockerode';
import type { JobIdentity, JobProcess, Workplace } from '../executor.ts';
import { SYSTEM_PATH } from '../host/path.ts';
import { type AgentLink, attachAgent } from './agent-link.ts';
import { jobContainer } from './container.ts';
import { furnish, HOME, machineShare, USER } from './home.ts';
import { chooseImage, type ImageRow, imageOrigin } from './images.ts';
import { LABELS } from './labels.ts';
import type { ResolvedOptions } from './options.ts';
import { startProcess } from './process.ts';
import { ensureImage, messageOf } from './pull.ts';
import { startServices } from './service-group.ts';
import { type ServiceRow, wantedServices } from './services.ts';
import { COMMANDS, ensureTools, type Tools } from './tools.ts';
import { planTunnels } from './tunnels.ts';

export interface DockerSetting {
  engine: Docker;
  options: ResolvedOptions;
  tools: Tools;
  images: readonly ImageRow[];
  serviceRows: readonly ServiceRow[];
  /** {@link LABELS.process} of this process. */
  process: string;
}

/** Room for a job: a container with the job's user and home in it, its services beside it in a network of its own. */
export async function createDockerWorkplace(
  job: JobIdentity,
  setting: DockerSetting,
): Promise<Workplace> {
  const { engine, options } = setting;
  const workplace = randomBytes(8).toString('hex');
  const labels = {
    [LABELS.runner]: options.runnerId,
    [LABELS.process]: setting.process,
    [LABELS.workplace]: workplace,
    [LABELS.job]: `${job.repositorySlug} ${job.jobId}-${job.attempt}`,
  };
  const close = () => removeWorkplace(engine, workplace);
  try {
    return await furnishWorkplace(job, setting, labels, close);
  } catch (error) {
    await close().catch(() => undefined);
    throw new Error(messageOf(error), { cause: error });
  }
}

async function furnishWorkplace(
  job: JobIdentity,
  setting: DockerSetting,
  labels: Record<string, string>,
  close: () => Promise<void>,
): Promise<Workplace> {
  const { engine, options, tools } = setting;
  const chosen = chooseImage(job.config, setting.images, options.allowedImages);
  if ('refused' in chosen) throw new Error(chosen.refused);
  const { image } = chosen;
  const wanted = wantedServices(job.config, setting.serviceRows);
  const origin = imageOrigin(chosen.row);
  const mayUseLogin = job.trusted || chosen.row !== null;
  const { signal, say } = job;
  await ensureImage(engine, { image, origin, mayUseLogin, signal, say }, options);
  await job.say(`This job runs in the image ${image}.`);

  const isOnline = options.egress === 'all' || (options.egress === 'trusted' && job.trusted);
  const share = await machineShare(options, job.trusted);
  const tunnels = planTunnels([
    ...job.origins,
    // A package index or proxy on the runner's own machine is meant for its jobs, as far as they may reach anything.
    ...(isOnline ? Object.values(share.variables).filter(isLoopbackUrl) : []),
  ]);
  const path = await pathOf(engine, image);
  const socket = wanted.engine ? await engineSocket(job, setting) : null;
  const [network] = await Promise.all([
    isOnline ? createNetwork(engine, labels) : 'none',
    ensureTools(engine, tools, image),
  ]);
  const container = await engine.createContainer(
    jobContainer({
      image,
      options,
      tools,
      network,
      tunnels,
      labels: { ...labels, [LABELS.role]: 'job' },
      environment: { ...share.variables, LC_ALL: 'C.UTF-8' },
      engineSocket: socket,
    }),
  );
  await furnish(container, options, share, job.trusted);
  const link = await attachAgent(engine, container, tunnels);
  const about = await introduce(
    container,
    link,
    image,
    tunnels.map((one) => one.listen),
  );
  if (!about.git) {
    await job.say(`The image ${image} has no git: nothing can be cloned in it.`);
  }
  for (const name of wanted.unknown) {
    await job.say(`The service ${name} is not known to this runner, and not started.`);
  }
  await startServices(wanted.containers, {
    engine,
    link,
    options,
    labels,
    jobContainerId: container.id,
    signal: job.signal,
    say: job.say,
  });

  const running = new Set<JobProcess>();
  return {
    place: {
      home: HOME,
      buildRoot: `${HOME}/build`,
      user: USER,
      locale: 'C.UTF-8',
      dist: about.dist,
      commandsDir: options.commandsBundle === null ? null : COMMANDS,
      basePath: `${HOME}/.local/bin:${path}`,
      services: [
        ...wanted.containers.map(({ name }) => name),
        ...(wanted.engine ? ['docker'] : []),
        ...wanted.unknown,
      ],
    },
    limits: { processes: null, memoryBytes: null, nice: 5 },
    async start(script) {
      const process = startProcess(script, container, link, options);
      running.add(process);
      void process.exit.then(() => running.delete(process));
      return process;
    },
    async close() {
      await Promise.all([...running].map((one) => one.kill()));
      link.close();
      await close();
    },
  };
}

async function createNetwork(engine: Docker, labels: Record<string, string>): Promise<string> {
  const name = `sluice-job-${labels[LABELS.workplace]}`;
  await engine.createNetwork({
    Name: name,
    Driver: 'bridge',
    Labels: { ...labels, [LABELS.role]: 'network' },
  });
  return name;
}

async function introduce(
  container: Docker.Container,
  link: AgentLink,
  image: string,
  addresses: { host: string; port: number }[],
) {
  const ready = link.next('ready');
  // Reported below; it must not count as unhandled while the container is started.
  ready.catch(() => undefined);
  try {
    await container.start();
    link.send({ kind: 'listen', addresses });
    const about = await ready;
    if (about.bash) return about;
  } catch (error) {
    throw new Error(`No job can run in the image ${image}: ${messageOf(error)}`);
  }
  throw new Error(`No job can run in the image ${image}: it has no bash.`);
}

async function pathOf(engine: Docker, image: string): Promise<string> {
  const { Config: config } = await engine.getImage(image).inspect();
  const line = config.Env?.find((one) => one.startsWith('PATH='));
  return line?.slice('PATH='.length) || SYSTEM_PATH;
}

/** The engine's socket, for a job whose repository may have it. Rejects for others. */
async function engineSocket(job: JobIdentity, { options }: DockerSetting) {
  if (!options.engineAccess.includes(job.repositorySlug) || !job.trusted) {
    throw new Error(
      'services: docker gives a build the engine itself, and with it the whole machine. An administrator has not allowed that for this repository.',
    );
  }
  const path = options.engine?.socketPath ?? '/var/run/docker.sock';
  const found = await stat(path).catch(() => null);
  if (!found?.isSocket()) {
    throw new Error('services: docker needs an engine on the same machine as the runner.');
  }
  return { path, group: found.gid };
}

function isLoopbackUrl(value: string): boolean {
  return (
    URL.canParse(value) &&
    /^(127\.|localhost$|\[::1\]$|.*\.localhost$)/.test(new URL(value).hostname)
  );
}

/** Removes everything that carries the workplace's label, whatever of it there is. */
async function removeWorkplace(engine: Docker, workplace: string): Promise<void> {
  const filters = { label: [`${LABELS.workplace}=${workplace}`] };
  const containers = await engine.listContainers({ all: true, filters });
  // The job's own first: the others are in its network.
  await Promise.all(
    containers.map((one) =>
      engine
        .getContainer(one.Id)
        .remove({ force: true, v: true })
        .catch(() => undefined),
    ),
  );
  const networks = await engine.listNetworks({ filters });
  await Promise.all(networks.map((one) => engine.getNetwork(one.Id).remove()));
}
