import type { Artifact } from '@sluice/contract';
import type { Command } from 'commander';
import { fetchArtifact, targetOf } from '../artifacts/download.ts';
import { matcher } from '../artifacts/match.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { bytesText } from '../ui/bytes.ts';
import { table } from '../ui/table.ts';

interface ListOptions {
  readonly attempt?: string;
  readonly json?: boolean;
}

interface DownloadOptions extends ListOptions {
  readonly to: string;
  readonly force?: boolean;
}

/** `ci artifacts list|download`: files that a job has left. */
export function registerCiArtifacts(group: Command, context: Context): void {
  const artifacts = group
    .command('artifacts')
    .description('Files that jobs leave with `addons: artifacts:`.');

  artifacts
    .command('list <job>')
    .description("List them. JOB: its number in the address of its page, or that page's address.")
    .option('--attempt <n>', 'of an earlier attempt (default: the newest)')
    .option('--json', 'print JSON')
    .action(async (job: string, options: ListOptions) => {
      const found = await listed(context, job, options);
      if (options.json) {
        context.terminal.print(JSON.stringify(found));
        return;
      }
      if (found.length === 0) context.terminal.note('This job has left no artifacts.');
      else for (const line of lines(found)) context.terminal.print(line);
    });

  artifacts
    .command('download <job> [patterns...]')
    .description(
      'Download them: all, or those whose path matches a pattern (* and ** as in the shell; a directory means all below it). Checksums are compared.',
    )
    .option('--to <directory>', 'where to put them', '.')
    .option('--attempt <n>', 'of an earlier attempt (default: the newest)')
    .option('--force', 'write over files that are there')
    .option('--json', 'print what was downloaded as JSON')
    .action(async (job: string, patterns: string[], options: DownloadOptions) => {
      const wanted = matcher(patterns);
      const found = (await listed(context, job, options)).filter(({ path }) => wanted(path));
      if (found.length === 0) {
        const what =
          patterns.length === 0 ? 'artifacts' : `artifact that matches ${patterns.join(' ')}`;
        throw new CommandError(exitCodes.notFound, `This job has left no ${what}.`);
      }
      const done: { path: string; file: string; size_bytes: number; sha256: string }[] = [];
      const client = await context.client();
      const signal = context.interruption();
      for (const artifact of found) {
        const file = targetOf(options.to, artifact.path);
        await fetchArtifact(client, artifact, file, { force: options.force === true, signal });
        const { path, size_bytes, sha256 } = artifact;
        done.push({ path, file, size_bytes, sha256 });
        if (!options.json) context.terminal.print(file);
      }
      if (options.json) context.terminal.print(JSON.stringify(done));
    });
}

async function listed(
  context: Context,
  job: string,
  { attempt }: ListOptions,
): Promise<readonly Artifact[]> {
  const id = /(?:^|\/jobs\/)(\d{1,15})\/?$/.exec(job)?.[1];
  if (id === undefined) {
    throw new CommandError(exitCodes.usage, `"${job}" is no job: give its number, as in /jobs/17.`);
  }
  if (attempt !== undefined && !/^[1-9]\d{0,5}$/.test(attempt)) {
    throw new CommandError(exitCodes.usage, '--attempt takes a number from 1.');
  }
  const client = await context.client();
  const number = attempt === undefined ? undefined : Number(attempt);
  return (await client.artifacts.list(Number(id), number)).results;
}

function lines(found: readonly Artifact[]): string[] {
  const rows = found.map((one) => [
    ...[one.path, bytesText(one.size_bytes), one.sha256.slice(0, 12), one.expires_at.slice(0, 10)],
  ]);
  return table(['PATH', 'SIZE', 'SHA-256', 'KEPT UNTIL'], rows);
}
