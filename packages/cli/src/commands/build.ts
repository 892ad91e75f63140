import type { BuildDetailView, JobView } from '@sluice/contract';
import type { Command } from 'commander';
import { printJobLog } from '../build/follow.ts';
import { isFinished, selectBuild } from '../build/select-build.ts';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { pause } from '../patience.ts';
import { selectApplication } from '../project/application.ts';
import { printable, table } from '../ui/table.ts';

interface Options {
  readonly remoteId?: string;
  readonly json?: boolean;
  readonly commit?: string;
  readonly job?: string;
  readonly follow?: boolean;
  readonly raw?: boolean;
  readonly limit?: string;
}

/** `build list|show|log|cancel|restart`. */
export function registerBuild(program: Command, context: Context): void {
  const group = program.command('build').description("The CI service's builds.");
  const verb = (words: string, description: string) =>
    group
      .command(words)
      .description(description)
      .option('--remote-id <id>', 'website id, uuid or slug');

  verb('list', 'List the newest builds.')
    .option('--limit <n>', 'at most so many', '20')
    .option('--json', 'print JSON')
    .action((options: Options) => list(context, options));

  verb('show [number]', 'Show a build: stages, jobs, messages, deployments.')
    .option('--commit <commit>', 'the build of this commit')
    .option('--json', 'print JSON')
    .action(async (number: string | undefined, options: Options) => {
      const build = await find(context, number, options);
      if (options.json) context.terminal.print(JSON.stringify(build));
      else show(context, build);
    });

  verb('log [number]', "Show a build's logs (default: the newest build).")
    .option('-f, --follow', 'go on until the build ends; the exit code is its outcome')
    .option('--commit <commit>', 'the build of this commit')
    .option('--job <number>', 'only this job, such as 4.1')
    .option('--raw', 'with fold and timing marks')
    .action((number: string | undefined, options: Options) => log(context, number, options));

  verb('cancel [number]', 'Cancel a build.').action(
    async (number: string | undefined, options: Options) => {
      const { id, number: name } = await find(context, number, options);
      const build = await (await context.client()).builds.cancel(id);
      context.terminal.print(`Build ${name} ${build.state}`);
    },
  );

  verb('restart [number]', 'Run a build again.').action(
    async (number: string | undefined, options: Options) => {
      const { id, number: name } = await find(context, number, options);
      const build = await (await context.client()).builds.restart(id);
      context.terminal.print(`Build ${name} ${build.state}`);
    },
  );
}

async function find(
  context: Context,
  number: string | undefined,
  options: Options,
): Promise<BuildDetailView> {
  const client = await context.client();
  const application = await selectApplication(context, client, options.remoteId);
  const build = await selectBuild(client, application.uuid, { number, commit: options.commit });
  return client.builds.get(build.id);
}

async function list(context: Context, options: Options): Promise<void> {
  const client = await context.client();
  const application = await selectApplication(context, client, options.remoteId);
  const { results } = await client.builds.list({
    application: application.uuid,
    pageSize: Number(options.limit ?? 20),
  });
  if (options.json) {
    context.terminal.print(JSON.stringify(results));
    return;
  }
  if (results.length === 0) {
    context.terminal.note('No builds yet. Push a commit with a .travis.yml to start one.');
    return;
  }
  const rows = results.map((build) => [
    String(build.number),
    build.state,
    String(build['branch'] ?? ''),
    build.sha.slice(0, 10),
    String(build['message'] ?? '').split('\n')[0] ?? '',
  ]);
  for (const line of table(['BUILD', 'STATE', 'BRANCH', 'COMMIT', 'MESSAGE'], rows)) {
    context.terminal.print(line);
  }
}

function show({ terminal }: Context, build: BuildDetailView): void {
  const field = (name: string, value: unknown) =>
    terminal.print(`${terminal.style('bold', name.padEnd(9))} ${printable(String(value ?? '-'))}`);
  field('Build', build.number);
  field('State', build.state);
  field('Commit', build.sha);
  field('Branch', build['branch']);
  if (build['error']) field('Error', build['error']);
  for (const notice of texts(build['notices'])) field('Notice', notice);
  for (const remark of remarksOf(build['messages'])) field('Message', remark);
  for (const deployment of items(build['deployments'])) {
    const failed = deployment['success'] === false;
    const text = `${deployment['environment'] ?? ''} ${deployment['status'] ?? ''} ${deployment['reason'] ?? ''}`;
    terminal.print(
      `${terminal.style('bold', 'Deployed '.padEnd(9))} ${terminal.style(failed ? 'red' : 'green', printable(text))}`,
    );
  }
  terminal.print('');
  const rows = build.jobs.map((job) => {
    const waits = job['waiting_for'] ? ` (waits for ${job['waiting_for']})` : '';
    return [job.number, `${job.state}${waits}`, String(job['name'] ?? '')];
  });
  for (const line of table(['JOB', 'STATE', 'NAME'], rows)) terminal.print(line);
}

async function log(context: Context, number: string | undefined, options: Options): Promise<void> {
  const client = await context.client();
  const { terminal } = context;
  let build = await find(context, number, options);
  const jobs = build.jobs.filter((job) => options.job === undefined || job.number === options.job);
  if (options.job !== undefined && jobs.length === 0) {
    throw new CommandError(exitCodes.notFound, `Build ${build.number} has no job ${options.job}.`);
  }
  if (build['error']) terminal.note(terminal.styleNote('red', String(build['error'])));
  const style = { follow: options.follow ?? false, raw: options.raw ?? false };
  for (const job of jobs) {
    if (jobs.length > 1) terminal.print(terminal.style('bold', `== Job ${title(job)}`));
    await printJobLog(context, client, job, style);
  }
  if (!options.follow) return;
  while (!isFinished(build.state)) {
    await pause(200);
    build = await client.builds.get(build.id);
  }
  const passed = build.state === 'passed';
  terminal.note(
    terminal.styleNote(passed ? 'green' : 'red', `Build ${build.number} ${build.state}.`),
  );
  process.exitCode = passed ? exitCodes.done : exitCodes.failed;
}

function title(job: JobView): string {
  return [job.number, job['name']].filter(Boolean).map(String).join(' ');
}

function items(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value : [];
}

/** What the file's author should look at, as `sluice config lint` prints it; what was merely assumed is left to that. */
function remarksOf(messages: unknown): string[] {
  return items(messages)
    .filter(({ level }) => level !== 'info')
    .map(({ source, line, column, level, text }) => {
      const file = typeof source === 'string' ? source : '.travis.yml';
      return `${file}:${line}:${column}: ${level}: ${text}`;
    });
}

function texts(value: unknown): string[] {
  return items(value).map((item: unknown) =>
    typeof item === 'string' ? item : JSON.stringify(item),
  );
}
