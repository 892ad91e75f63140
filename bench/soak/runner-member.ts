import { type RunnerProcess, startRunner } from '../../e2e/support/runner-process.ts';
import type { Member } from './place.ts';

export interface RunnerAt {
  readonly url: string;
  /** Registers it the first time; afterwards it knows who it is by its work directory. */
  readonly token: string;
  readonly workDir: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** `sluice runner` with two slots, under one identity however often it is killed. */
export function createRunnerMember(name: string, at: RunnerAt): Member {
  let running: RunnerProcess | null = null;
  return {
    name,
    pid: () => running?.pid ?? null,
    output: () => running?.output() ?? '',
    start: async () => {
      const words = ['--name', name.replace(' ', '-'), '--concurrency', '2'];
      running = await startRunner(at.url, at.token, words, at);
      await running.says('works for');
    },
    kill: async () => {
      const ending = running;
      running = null;
      await ending?.destroy();
    },
  };
}
