import { mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { quote } from '../../script/shell.ts';
import { discoverToolchains, type Installation } from '../../toolchains/index.ts';
import type { Executor, JobIdentity, Workplace } from '../executor.ts';
import { inspectMachine } from './machine.ts';
import { type HostExecutorOptions, withDefaults } from './options.ts';
import { createPlainWorkplace } from './plain.ts';
import { probeSandbox } from './probe.ts';
import type { SandboxMode } from './sandbox.ts';
import { createSandboxWorkplace } from './sandboxed.ts';
import { removeAbandoned } from './tree.ts';
import { createVirtualenvs, type Virtualenvs } from './virtualenvs.ts';

export { DEFAULT_ENVIRONMENT, DEFAULT_SETTINGS_FILES } from './environment.ts';
export type { HostExecutorOptions } from './options.ts';

/** Versions are looked up anew after this time, so that one installed meanwhile is found without a restart. */
const TOOLCHAINS_MS = 60_000;

/**
 * Runs jobs on this machine, each in a bubblewrap sandbox where that works (spec/faults.md 39): a home and a process tree of its
 * own, the system and the toolchains read-only, nothing else of the machine. Where it does not work the job runs in a process
 * group with a scrubbed environment, and `isolates` is false, so that builds which are not trusted are refused.
 */
export async function createHostExecutor(given: HostExecutorOptions): Promise<Executor> {
  const options = withDefaults(given);
  options.workDir = resolve(options.workDir);
  await mkdir(join(options.workDir, 'jobs'), { recursive: true, mode: 0o700 });
  await mkdir(join(options.workDir, 'caches'), { recursive: true, mode: 0o700 });
  await removeAbandoned(join(options.workDir, 'jobs'));
  const machine = await inspectMachine();
  const probe =
    options.sandbox === 'none'
      ? { works: false as const, reason: 'it is switched off' }
      : await probeSandbox(machine, options.firstUid);

  const notices = probe.works
    ? await unreadableCommands(options.commandsDir, probe.mode)
    : [
        `This job runs without a sandbox, for ${probe.reason}: it can see what the runner's user can see.`,
      ];

  const slots = new Set<number>();
  const takeSlot = () => {
    let slot = 0;
    while (slots.has(slot)) slot++;
    slots.add(slot);
    return slot;
  };

  let known: { at: number; list: Promise<Installation[]> } | null = null;
  const toolchains = () => {
    if (known === null || Date.now() - known.at > TOOLCHAINS_MS) {
      const path = options.machineEnvironment['PATH'] ?? '';
      known = { at: Date.now(), list: discoverToolchains({ home: options.home, path }) };
    }
    return known.list;
  };

  const openAt = async (job: JobIdentity, slot: number, virtualenvs: Virtualenvs | null) => {
    const release = () => slots.delete(slot);
    try {
      const input = { job, slot, options, machine, toolchains: await toolchains(), release };
      if (!probe.works) return { ...(await createPlainWorkplace(input)), home: null };
      return await createSandboxWorkplace({ ...input, probe, virtualenvs });
    } catch (error) {
      release();
      throw error;
    }
  };

  const virtualenvs = createVirtualenvs(
    join(options.workDir, 'virtualenvs'),
    async (command, use) => {
      const workplace = await openAt(NOBODYS, takeSlot(), null);
      try {
        const job = await workplace.start(`exec ${command.map(quote).join(' ')} 3>&-\n`);
        job.output.resume();
        const { code } = await job.exit;
        if (code === 0 && workplace.home !== null) await use(workplace.home);
      } finally {
        await workplace.close();
      }
    },
  );

  return {
    kind: 'host',
    isolates: probe.works,
    notices,
    toolchains,
    open: (job: JobIdentity): Promise<Workplace> => openAt(job, takeSlot(), virtualenvs),
  };
}

/** An installation made under umask 077 can be read by root alone, and under root jobs are somebody else. */
async function unreadableCommands(directory: string | null, mode: SandboxMode): Promise<string[]> {
  if (directory === null || mode !== 'ids') return [];
  const found = await stat(directory).catch(() => null);
  if (found === null) return [`Sluice's own commands are not in ${directory}.`];
  if ((found.mode & 0o005) === 0o005) return [];
  return [
    `Jobs cannot run sluice: ${directory} is readable for root alone (chmod -R a+rX repairs it).`,
  ];
}

/** A workplace that the executor uses for itself. */
const NOBODYS: JobIdentity = {
  jobId: 0,
  attempt: 0,
  repositoryUuid: '',
  repositorySlug: '',
  trusted: false,
  python: null,
  config: {},
  origins: [],
  say: () => undefined,
  signal: new AbortController().signal,
};

/** Names of the job directories there are; for tests and `sluice doctor`. */
export async function jobDirectories(workDir: string): Promise<string[]> {
  return readdir(join(workDir, 'jobs')).catch(() => []);
}
