import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import {
  planProcesses,
  planReleaseCommands,
  type SourceFacts,
  STATIC_DIRECTORIES,
} from '../process/plan.ts';
import { readNodeVersion, readPythonVersion, readSource } from '../process/source.ts';
import { type BuildRequest, type BuiltImage, RuntimeFailure } from '../runtime.ts';
import { type BuildOutcome, readBuildOutput } from './build-output.ts';
import { buildContext } from './context.ts';
import {
  GENERATED_DOCKERFILE,
  GENERATED_PORT,
  generateDockerfile,
  STATIC_PROGRAM,
} from './dockerfile.ts';
import { type Engine, isMissing } from './engine.ts';
import type { Images } from './images.ts';
import { LABELS, type Names } from './labels.ts';
import type { DockerRuntimeOptions } from './options.ts';
import type { DockerPlan, PlannedService } from './plan.ts';
import type { Registries } from './registry.ts';

export interface BuildDeps {
  readonly engine: Engine;
  readonly names: Names;
  readonly images: Images;
  readonly registries: Registries;
  readonly options: DockerRuntimeOptions;
}

/** Builds the check-out's own Dockerfile, or one by the process runtime's rules. */
export async function buildImage(deps: BuildDeps, request: BuildRequest): Promise<BuiltImage> {
  const { images, options } = deps;
  const directory = images.source(request.imageUuid);
  const facts = await readSource(directory);
  const hasDockerfile = await isFile(join(directory, 'Dockerfile'));
  // Before minutes of building, where the build cannot change the answer.
  if (!hasDockerfile && facts.packageJson?.scripts['build'] === undefined) planProcesses(facts);
  const outcome = await runBuild(deps, request, directory, hasDockerfile ? null : facts);
  if (outcome.error !== null || outcome.id === null) {
    throw new RuntimeFailure(
      'build_failed',
      `The build failed: ${outcome.error ?? 'the engine told no image'}`,
    );
  }
  const digest = outcome.id;
  const services = hasDockerfile
    ? servicesOfDockerfile(facts)
    : await servicesOfImage(deps, digest, facts);
  const port = await exposedPort(deps, digest);
  const tag = `${deps.names.repository(request.application)}:${request.sha}`;
  await tagImage(deps.engine, digest, tag);
  const pushed = options.registry === '' ? null : await pushImage(deps, request, digest);
  if (!options.layerCache) await images.dropLayers(request.imageUuid);
  await images.sourceIsDone(request.imageUuid);
  const plan: DockerPlan = {
    runtime: 'docker',
    pushed,
    port,
    services,
    releaseCommands: planReleaseCommands(facts),
  };
  return { plan: JSON.stringify(plan), digest };
}

async function runBuild(
  { engine, names, images, registries, options }: BuildDeps,
  request: BuildRequest,
  directory: string,
  generateFor: SourceFacts | null,
): Promise<BuildOutcome> {
  const generated =
    generateFor === null
      ? null
      : generateDockerfile(
          generateFor,
          {
            python: await readPythonVersion(directory),
            node: await readNodeVersion(directory, generateFor.packageJson),
          },
          options.images,
          Object.keys(options.buildArguments),
        );
  const added =
    generated === null ? {} : { ...generated.added, [GENERATED_DOCKERFILE]: generated.dockerfile };
  if (generated !== null)
    await request.log(`There is no Dockerfile; this one is used:\n${indent(generated.dockerfile)}`);
  const timeout = AbortSignal.timeout(request.timeoutMs);
  const signal = AbortSignal.any([request.signal, timeout]);
  try {
    const stream = await engine.once('build an image', async (docker) =>
      docker.buildImage(buildContext(directory, added), {
        abortSignal: signal,
        ...(generated === null ? {} : { dockerfile: GENERATED_DOCKERFILE }),
        t: `${names.repository(request.application)}:${request.imageUuid}`,
        labels: names.labels('image', {
          [LABELS.image]: request.imageUuid,
          [LABELS.application]: request.application,
          [LABELS.commit]: request.sha,
        }),
        buildargs: { ...options.buildArguments },
        nocache: !options.layerCache,
        ...(options.pull ? { pull: true } : {}),
        rm: true,
        forcerm: true,
        // How `endBuildSteps` finds what an engine that was stopped has left.
        extrahosts: `${names.buildMark(request.imageUuid)}:127.0.0.1`,
        registryconfig: await registries.all(),
      }),
    );
    return await readBuildOutput(stream, request.log, (layer) =>
      images.layerMade(request.imageUuid, layer),
    );
  } catch (error) {
    request.signal.throwIfAborted();
    if (timeout.aborted) {
      throw new RuntimeFailure(
        'build_timeout',
        `The build took longer than ${request.timeoutMs / 60_000} minutes and was stopped.`,
      );
    }
    if (error instanceof RuntimeFailure) throw error;
    throw new RuntimeFailure(
      'engine_unreachable',
      `The Docker Engine went away during the build (${error instanceof Error ? error.message : error}). Deploy again when it is back.`,
      { cause: error },
    );
  }
}

const indent = (text: string) => text.replace(/^(?=.)/gm, '    ');

/** `web` is the image's own command; the Procfile, where there is one, adds workers. */
function servicesOfDockerfile(facts: SourceFacts): PlannedService[] {
  const others = [...(facts.procfile?.processes ?? [])].filter(
    ([name]) => name !== 'web' && name !== 'release',
  );
  return [{ name: 'web', command: null }, ...others.map(([name, command]) => ({ name, command }))];
}

/** Pages may have been made by the build, so they are looked for in the image. */
async function servicesOfImage(
  deps: BuildDeps,
  digest: string,
  facts: SourceFacts,
): Promise<PlannedService[]> {
  const builds = facts.packageJson?.scripts['build'] !== undefined;
  const staticDirectories = builds ? await pagesIn(deps, digest) : facts.staticDirectories;
  return planProcesses({ ...facts, staticDirectories }).map(({ type, how }) => ({
    name: type,
    command:
      how.kind === 'command'
        ? how.command
        : `exec node ${STATIC_PROGRAM} --root /app/${how.directory} --host 0.0.0.0 --port "$PORT"`,
  }));
}

async function pagesIn({ engine, names }: BuildDeps, digest: string): Promise<string[]> {
  // Never started: only to look inside.
  const container = await engine.call('make a container', (docker) =>
    docker.createContainer({ Image: digest, Labels: names.labels('look') }),
  );
  try {
    const found: string[] = [];
    for (const directory of STATIC_DIRECTORIES) {
      const path = join('/app', directory, 'index.html');
      const isThere = await engine
        .call('look into an image', () => container.infoArchive({ path }))
        .then(
          () => true,
          (error: unknown) => {
            if (isMissing(error)) return false;
            throw error;
          },
        );
      if (isThere) found.push(directory);
    }
    return found;
  } finally {
    await engine.call('remove a container', () => container.remove({ force: true }));
  }
}

/** spec/divio.md 3.2: the port that the image exposes, else 80. */
async function exposedPort({ engine }: BuildDeps, digest: string): Promise<number> {
  const { Config } = await engine.call('look at an image', (docker) =>
    docker.getImage(digest).inspect(),
  );
  const ports = Object.keys(Config.ExposedPorts ?? {})
    .filter((name) => name.endsWith('/tcp'))
    .map((name) => Number.parseInt(name, 10));
  return ports.includes(GENERATED_PORT) ? GENERATED_PORT : (ports[0] ?? 80);
}

async function tagImage(engine: Engine, digest: string, tag: string): Promise<void> {
  const at = tag.lastIndexOf(':');
  await engine.call('tag an image', (docker) =>
    docker.getImage(digest).tag({ repo: tag.slice(0, at), tag: tag.slice(at + 1) }),
  );
}

async function pushImage(
  { engine, images, options }: BuildDeps,
  request: BuildRequest,
  digest: string,
): Promise<string> {
  const tag = `${options.registry}/${request.application}:${request.sha}`;
  await tagImage(engine, digest, tag);
  await request.log(`Pushing ${tag}\n`);
  try {
    return await images.push(tag, request.log);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new RuntimeFailure('push_failed', said, { cause: error });
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => null))?.isFile() === true;
}
