import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { SluiceError } from '../errors.ts';
import { programFile } from '../program-file.ts';
import { makeRouterDirectories, routerPaths } from './paths.ts';
import type { ProcessConfig, StartReport } from './process/config.ts';

/** How long a new process may take to say that it listens; it takes some 150 ms. */
const startTimeoutMs = 15_000;

const program = programFile('process/main', import.meta.url);

/**
 * Starts a router that outlives this process: a session of its own, so that no terminal's or supervisor's signal to the
 * group reaches it, its output in a file, and none of the server's environment, where secrets may be.
 *
 * @throws SluiceError `unavailable` with the router's own reason, such as `port_taken` or `already_running`.
 */
export async function spawnRouter(
  config: Omit<ProcessConfig, 'reportFd'>,
): Promise<StartReport & { started: true }> {
  makeRouterDirectories(config.dataDir);
  const log = openSync(routerPaths(config.dataDir).log, 'a', 0o600);
  try {
    const child = spawn(
      process.execPath,
      [
        '--disable-warning=ExperimentalWarning',
        // Measured after 12 s of load, twice each in turn: 210 and 215 MB resident instead of 281 and 292. No loss of
        // throughput was seen, but the machine was too busy to rule out a small one.
        '--max-semi-space-size=4',
        program,
        JSON.stringify({ ...config, reportFd: 3 }),
      ],
      { cwd: '/', detached: true, env: {}, stdio: ['ignore', log, log, 'pipe'] },
    );
    const report = await new Promise<StartReport>((resolve) => {
      let text = '';
      const fail = (message: string): void => {
        clearTimeout(timer);
        resolve({
          started: false,
          reason: 'not_started',
          message,
          remedy: 'Its log is logs/router.log.',
        });
      };
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        fail('The router did not start in time.');
      }, startTimeoutMs);
      child.once('error', (error) => fail(`The router cannot be started: ${error.message}`));
      const pipe = child.stdio[3];
      pipe?.on('data', (chunk: Buffer) => {
        text += chunk.toString('utf8');
      });
      pipe?.on('error', () => undefined);
      pipe?.once('close', () => {
        clearTimeout(timer);
        const report = parseReport(text);
        if (report === null) fail('The router ended before it listened.');
        else resolve(report);
      });
    });
    child.unref();
    if (report.started) return report;
    throw new SluiceError('unavailable', report.message, {
      reason: report.reason,
      ...(report.remedy === null ? {} : { remedy: report.remedy }),
    });
  } finally {
    closeSync(log);
  }
}

function parseReport(text: string): StartReport | null {
  try {
    return JSON.parse(text) as StartReport;
  } catch {
    return null;
  }
}
