import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Supervisor } from '../../supervisor/index.ts';
import { type BuildRequest, RuntimeFailure } from '../runtime.ts';
import type { ImagePlaces } from './places.ts';
import {
  isNode,
  isPython,
  type Plan,
  planProcesses,
  planReleaseCommands,
  type SourceFacts,
} from './plan.ts';
import { pythonSteps } from './python.ts';
import type { Sandbox } from './sandbox.ts';
import { readNodeVersion, readPythonVersion, readSource } from './source.ts';
import type { Surroundings } from './surroundings.ts';
import { runTask } from './task-run.ts';
import { extraReadable, type Toolchains } from './toolchains.ts';

export interface BuildDeps {
  readonly dataDir: string;
  readonly home: string;
  readonly supervisor: Supervisor;
  readonly toolchains: Toolchains;
  readonly surroundings: Surroundings;
  readonly sandbox: Sandbox;
}

/** A tool's part of a build: what to run, and what the result needs to find it again. */
interface Installed {
  readonly path: readonly string[];
  readonly readable: readonly string[];
}

/** Installs what the commit asks for and decides how it runs. Environment variables of people are not there. */
export async function buildImage(
  deps: BuildDeps,
  places: ImagePlaces,
  request: BuildRequest,
): Promise<Plan> {
  await mkdir(places.home, { recursive: true, mode: 0o700 });
  await mkdir(places.venv, { recursive: true });
  await mkdir(places.tasks, { recursive: true, mode: 0o700 });
  await deps.sandbox.own([places.home, places.venv, ...(await everythingIn(places.app))]);
  try {
    const facts = await readSource(places.app);
    // Before minutes of installing, where the build cannot change the answer.
    if (facts.packageJson?.scripts['build'] === undefined) planProcesses(facts);
    const run = commandRunner(deps, places, request);
    const python = isPython(facts)
      ? await installPython(deps, places, facts, request, run)
      : NOTHING;
    const node = isNode(facts)
      ? await installNode(deps, places, facts, request, run, python)
      : NOTHING;
    const built = await readSource(places.app);
    return {
      processes: planProcesses(built),
      releaseCommands: planReleaseCommands(built),
      path: [...python.path, ...node.path],
      readable: [...python.readable, ...node.readable],
    };
  } finally {
    await rm(places.home, { recursive: true, force: true });
    await rm(places.tasks, { recursive: true, force: true });
  }
}

/** The checkout with all that is in it, links as themselves: the build may change its own files. */
async function everythingIn(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true });
  return [directory, ...entries.map((entry) => join(directory, entry))];
}

const NOTHING: Installed = { path: [], readable: [] };

type RunCommand = (argv: readonly string[], tools: Installed) => Promise<void>;

function commandRunner(deps: BuildDeps, places: ImagePlaces, request: BuildRequest): RunCommand {
  const giveUpAt = Date.now() + request.timeoutMs;
  let count = 0;
  return async (argv, tools) => {
    count += 1;
    await request.log(`$ ${argv.join(' ')}\n`);
    const timeoutMs = Math.max(1_000, giveUpAt - Date.now());
    const code = await runTask(
      deps.supervisor,
      {
        id: `${request.imageUuid}-build-${count}`,
        directory: join(places.tasks, String(count)),
        program: await deps.surroundings.forBuild(places, argv, tools),
        timeoutMs,
        nice: true,
      },
      request.log,
      request.signal,
    );
    if (code === 0) return;
    if (Date.now() >= giveUpAt) {
      throw new RuntimeFailure(
        'build_timeout',
        `The build took longer than ${request.timeoutMs / 60_000} minutes and was stopped.`,
      );
    }
    const how = code === null ? 'was interrupted' : `exited with status ${code}`;
    throw new RuntimeFailure('build_failed', `The build failed: "${argv.join(' ')}" ${how}.`);
  };
}

async function installPython(
  deps: BuildDeps,
  places: ImagePlaces,
  facts: SourceFacts,
  request: BuildRequest,
  run: RunCommand,
): Promise<Installed> {
  const wanted = await readPythonVersion(places.app);
  const { installation, notice } = await deps.toolchains.choose('python', wanted);
  await request.log(
    `${notice ?? `Using Python ${installation.version} (${installation.source}).`}\n`,
  );
  const steps = await pythonSteps(
    installation.program,
    places.venv,
    facts.names.has('requirements.txt'),
    deps.toolchains,
  );
  const readable = await extraReadable(installation, deps.home, deps.dataDir);
  const installed = { path: [steps.bin], readable };
  for (const command of steps.commands) await run(command, installed);
  return installed;
}

async function installNode(
  deps: BuildDeps,
  places: ImagePlaces,
  facts: SourceFacts,
  request: BuildRequest,
  run: RunCommand,
  python: Installed,
): Promise<Installed> {
  const wanted = await readNodeVersion(places.app, facts.packageJson);
  const { installation, notice } = await deps.toolchains.choose('node', wanted);
  await request.log(
    `${notice ?? `Using Node.js ${installation.version} (${installation.source}).`}\n`,
  );
  const installed: Installed = {
    path: [join(places.app, 'node_modules/.bin'), installation.bin],
    readable: await extraReadable(installation, deps.home, deps.dataDir),
  };
  const tools = {
    path: [...python.path, ...installed.path],
    readable: [...python.readable, ...installed.readable],
  };
  const locked = facts.names.has('package-lock.json') || facts.names.has('npm-shrinkwrap.json');
  await run(locked ? ['npm', 'ci'] : ['npm', 'install'], tools);
  if (facts.packageJson?.scripts['build'] !== undefined) await run(['npm', 'run', 'build'], tools);
  return installed;
}
