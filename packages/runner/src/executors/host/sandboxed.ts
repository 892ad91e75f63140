import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { type Installation, TOOLCHAIN_ROOTS } from '../../toolchains/index.ts';
import type { JobIdentity, JobProcess, Workplace } from '../executor.ts';
import { machineVariables } from './environment.ts';
import type { Machine } from './machine.ts';
import type { ResolvedOptions } from './options.ts';
import { SYSTEM_PATH, toolchainPath } from './path.ts';
import type { Probe } from './probe.ts';
import { startProcess } from './process.ts';
import { descendants } from './processes.ts';
import { dropRights, hiddenPlaces, sandboxArguments } from './sandbox.ts';
import { boundCache, copySettings, createTree, giveTo, removeTree } from './tree.ts';
import type { Virtualenvs } from './virtualenvs.ts';

export interface WorkplaceInput {
  job: JobIdentity;
  /** Number of this workplace among those open at once. */
  slot: number;
  options: ResolvedOptions;
  machine: Machine;
  toolchains: readonly Installation[];
  /** Called once, when everything is cleaned up. */
  release(): void;
}

const HOME = '/home/travis';
const SCRIPT = '/run/sluice/job.sh';
const USER = 'travis';

export async function createSandboxWorkplace(
  input: WorkplaceInput & {
    probe: Extract<Probe, { works: true }>;
    virtualenvs: Virtualenvs | null;
  },
): Promise<Workplace & { home: string }> {
  const { job, options, machine, probe, slot } = input;
  const uid = probe.mode === 'ids' ? options.firstUid + slot : 1000;
  const tree = await createTree(join(options.workDir, 'jobs'), `${job.jobId}-${job.attempt}`);
  const environment = machineVariables(
    options.machineEnvironment,
    options.environment,
    job.trusted,
  );
  await copySettings(options.home, tree.home, options.settingsFiles, job.trusted);
  const users = join(tree.root, 'passwd');
  const groups = join(tree.root, 'group');
  await writeFile(users, passwd(uid));
  await writeFile(groups, `root:x:0:\n${USER}:x:${uid}:\nnogroup:x:65534:\n`);
  // What the job opens through a bind keeps the mode it has here.
  await Promise.all([chmod(users, 0o644), chmod(groups, 0o644), chmod(tree.temporary, 0o1777)]);
  const writable = [
    { from: tree.home, to: HOME },
    { from: tree.temporary, to: '/tmp' },
    { from: tree.temporary, to: '/var/tmp' },
  ];
  // A repository's own downloads, for its trusted builds alone. One for each slot, so that no two jobs write to one.
  const cache = job.trusted
    ? join(options.workDir, 'caches', safeName(job.repositoryUuid), String(slot), 'pip')
    : null;
  if (cache !== null) {
    await mkdir(cache, { recursive: true });
    await mkdir(join(tree.home, '.cache', 'pip'), { recursive: true });
    writable.push({ from: cache, to: `${HOME}/.cache/pip` });
  }
  if (job.python !== null) await input.virtualenvs?.copyInto(tree.home, job.python);
  if (probe.mode === 'ids') {
    await giveTo(uid, tree.home, tree.temporary);
    if (cache !== null) await giveTo(uid, cache);
  }
  const running = new Set<JobProcess>();

  return {
    home: tree.home,
    place: {
      home: HOME,
      buildRoot: `${HOME}/build`,
      user: USER,
      locale: machine.locale,
      dist: machine.dist,
      commandsDir: options.commandsDir,
      basePath: [`${HOME}/.local/bin`, SYSTEM_PATH, ...toolchainPath(input.toolchains)].join(':'),
    },
    limits: {
      processes: options.processes,
      memoryBytes: options.memoryBytes,
      nice: options.nice,
    },
    async start(script) {
      await writeFile(tree.script, script, { mode: 0o600 });
      if (probe.mode === 'ids') await giveTo(uid, tree.script);
      const shown = readOnlyPaths(options, environment);
      const view = sandboxArguments({
        mode: probe.mode,
        uid,
        machine,
        knowsSize: probe.knowsSize,
        readOnly: shown,
        files: [
          { from: users, to: '/etc/passwd' },
          { from: groups, to: '/etc/group' },
          { from: tree.script, to: SCRIPT },
        ],
        writable,
        hidden: await hiddenPlaces(
          [...machine.system, ...shown],
          [...options.hidden, options.workDir],
        ),
      });
      const process = await startProcess({
        command: [
          'nice',
          ...['-n', String(options.nice)],
          // By file descriptor, so that the job does not read the machine's paths in its process table.
          ...['bwrap', '--args', '4', '--chdir', HOME, '--'],
          ...dropRights(probe.mode, uid),
          ...['bash', '-l', SCRIPT],
        ],
        environment: { ...environment, PATH: SYSTEM_PATH, HOME, LC_ALL: machine.locale },
        directory: tree.root,
        uid: probe.mode === 'ids' ? uid : null,
        memoryBytes: options.memoryBytes,
        graceMs: options.graceMs,
        arguments: Buffer.from(`${view.join('\0')}\0`),
        detached: false,
        // The kernel ends a pid namespace as a whole, so what remains to be found is what still runs below bubblewrap.
        members: async (root) => (await descendants(root)).filter((pid) => pid !== root),
      });
      running.add(process);
      void process.exit.then(() => running.delete(process));
      return process;
    },
    async close() {
      await Promise.all([...running].map((one) => one.kill()));
      await removeTree(tree.root).finally(input.release);
      if (cache !== null) await boundCache(cache, options.cacheBytes);
    },
  };
}

/** Toolchains, Sluice's own commands, and certificate files that the environment names. */
function readOnlyPaths(options: ResolvedOptions, environment: Record<string, string>): string[] {
  const certificates = Object.entries(environment)
    .filter(([name, value]) => /CERT|BUNDLE|CAFILE|CAINFO|cafile/.test(name) && isAbsolute(value))
    .map(([, value]) => value);
  return [
    ...TOOLCHAIN_ROOTS.map((path) => join(options.home, path)),
    ...(options.commandsDir ? [options.commandsDir] : []),
    ...options.readOnly,
    ...certificates,
  ];
}

function passwd(uid: number): string {
  return [
    'root:x:0:0:root:/root:/usr/sbin/nologin',
    `${USER}:x:${uid}:${uid}::${HOME}:/bin/bash`,
    'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin',
    '',
  ].join('\n');
}

/** Ids come over the wire; as part of a path only harmless characters are kept. */
function safeName(text: string): string {
  return text.replaceAll(/[^\w-]/g, '_') || '_';
}
