import { homedir } from 'node:os';
import { join } from 'node:path';
import type { HostExecutorOptions } from '../../src/executors/host/index.ts';

export const zoo = new URL('../zoo/', import.meta.url).pathname.replace(/\/$/, '');

export function hostOptions(directory: string): HostExecutorOptions {
  return {
    workDir: join(directory, 'runner'),
    home: homedir(),
    machineEnvironment: process.env,
    readOnly: [zoo],
    hidden: [join(directory, 'data')],
    graceMs: 300,
  };
}
