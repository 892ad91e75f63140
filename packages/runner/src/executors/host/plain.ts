import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobProcess, Workplace } from '../executor.ts';
import { machineVariables } from './environment.ts';
import { SYSTEM_PATH, toolchainPath } from './path.ts';
import { startProcess } from './process.ts';
import { descendants, withVariable } from './processes.ts';
import type { WorkplaceInput } from './sandboxed.ts';
import { copySettings, createTree, removeTree } from './tree.ts';

/**
 * Room for a job where no sandbox works: a home of its own, an environment made from nothing, a session of its own. What it
 * starts is found again by a variable that only this job's processes carry.
 */
export async function createPlainWorkplace(input: WorkplaceInput): Promise<Workplace> {
  const { job, options, machine } = input;
  const tree = await createTree(join(options.workDir, 'jobs'), `${job.jobId}-${job.attempt}`);
  const environment = machineVariables(
    options.machineEnvironment,
    options.environment,
    job.trusted,
  );
  await copySettings(options.home, tree.home, options.settingsFiles, job.trusted);
  const mark = ['SLUICE_JOB_MARK', randomBytes(12).toString('hex')] as const;
  const members = async (root: number) => {
    const [below, marked] = await Promise.all([descendants(root), withVariable(mark.join('='))]);
    return [...new Set([...below, ...marked])];
  };
  const running = new Set<JobProcess>();

  return {
    place: {
      home: tree.home,
      buildRoot: join(tree.home, 'build'),
      user: options.machineEnvironment['USER'] ?? 'travis',
      locale: machine.locale,
      dist: machine.dist,
      commandsDir: options.commandsDir,
      basePath: [`${tree.home}/.local/bin`, SYSTEM_PATH, ...toolchainPath(input.toolchains)].join(
        ':',
      ),
    },
    limits: {
      processes: options.processes,
      memoryBytes: options.memoryBytes,
      nice: options.nice,
    },
    async start(script) {
      await writeFile(tree.script, script, { mode: 0o600 });
      const process = await startProcess({
        command: ['nice', '-n', String(options.nice), 'bash', '-l', tree.script],
        environment: {
          ...environment,
          [mark[0]]: mark[1],
          PATH: SYSTEM_PATH,
          HOME: tree.home,
          TMPDIR: tree.temporary,
          LC_ALL: machine.locale,
        },
        directory: tree.root,
        uid: null,
        memoryBytes: options.memoryBytes,
        graceMs: options.graceMs,
        detached: true,
        members,
      });
      running.add(process);
      void process.exit.then(() => running.delete(process));
      return process;
    },
    async close() {
      await Promise.all([...running].map((one) => one.kill()));
      await removeTree(tree.root).finally(input.release);
    },
  };
}
