import { readFile } from 'node:fs/promises';
import { createClient } from '@sluice/contract';
import type { Command } from 'commander';
import type { Context } from '../context.ts';
import { CommandError, exitCodes } from '../exit-codes.ts';
import { attempt, CLOSE_LOOKS, type Place } from '../simulate/attempt.ts';
import { printStorm, readStorm } from '../simulate/format.ts';
import { generateStorm, LARGE, SMALL } from '../simulate/generate.ts';
import { brokenPromises } from '../simulate/promises/index.ts';
import type { Violation } from '../simulate/promises/promise.ts';
import type { StormRecord } from '../simulate/record.ts';
import { readSeeds } from '../simulate/seeds.ts';
import { type OwnServer, startServer } from '../simulate/server.ts';
import type { Storm } from '../simulate/storm.ts';
import { drawTimeline } from '../simulate/timeline.ts';
import { version } from '../version.ts';
import { shortestFailing, simulateMany } from './simulate-many.ts';

interface Options {
  readonly seed?: string;
  readonly seeds?: string;
  readonly small?: boolean;
  readonly file?: string;
  readonly json?: boolean;
  readonly server?: string;
  readonly shrinkSeconds: string;
  readonly parallel: string;
  readonly failFast?: boolean;
}

/** `simulate`: a storm against a running server, and whether its promises hold. */
export function registerSimulate(program: Command, context: Context): void {
  program
    .command('simulate')
    .description('Send a storm of pushes and signals through the server and check its promises.')
    .option('--seed <n>', 'a random storm; the same number makes the same one')
    .option('--seeds <range>', 'many random storms at once, such as 1..200')
    .option('--parallel <n>', 'with --seeds: how many of them at a time', '8')
    .option('--fail-fast', 'with --seeds: begin no further storm after one has failed')
    .option('--small', 'random storms of a few commits, which take a few seconds')
    .option('--file <file>', 'a storm that was written down')
    .option('--server <command>', 'start this server, and kill and restart it during the storm')
    .option('--shrink-seconds <n>', 'how long to look for a shorter storm that fails too', '120')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const given = [options.seed, options.seeds, options.file].filter((one) => one !== undefined);
      if (given.length !== 1)
        throw new CommandError(exitCodes.usage, 'Give one of --seed, --seeds and --file.');
      const shrinkMs = 1_000 * numberOf('--shrink-seconds', options.shrinkSeconds, 0);
      const parallel = numberOf('--parallel', options.parallel, 1);
      const { seeds } = options;
      const storm = seeds === undefined ? await stormOf(options) : null;
      const storms = seeds === undefined ? [] : stormsOf(seeds, options);
      const server = options.server === undefined ? null : await startServer(options.server);
      try {
        const place = await placeOf(context, server);
        const how = { json: options.json === true, shrinkMs };
        process.exitCode =
          storm === null
            ? await simulateMany(context, place, {
                ...{ ...how, storms, parallel },
                failFast: options.failFast === true,
              })
            : await simulate(context, place, storm, how);
      } finally {
        await server?.stop();
      }
    });
}

function numberOf(option: string, text: string, least: number): number {
  const number = Number(text);
  if (!/^\d{1,9}$/.test(text) || number < least)
    throw new CommandError(
      exitCodes.usage,
      `${option} must be a whole number from ${least} on, not "${text}".`,
    );
  return number;
}

/** Without crashes of their own: they share those of the server. */
function stormsOf(range: string, { small }: Options): Storm[] {
  try {
    return readSeeds(range).map((seed) => generateStorm(seed, false, small ? SMALL : LARGE));
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.usage, `--seeds: ${words}.`);
  }
}

async function stormOf({ seed, file, server, small }: Options): Promise<Storm> {
  if (seed !== undefined && !/^\d{1,15}$/.test(seed))
    throw new CommandError(exitCodes.usage, `--seed must be a whole number, not "${seed}".`);
  if (seed !== undefined)
    return generateStorm(Number(seed), server !== undefined, small ? SMALL : LARGE);
  try {
    const storm = readStorm(await readFile(file ?? '', 'utf8'));
    if (server === undefined && storm.actions.some((action) => action.do === 'crash'))
      throw new Error('it kills the server; name one with --server');
    return storm;
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CommandError(exitCodes.usage, `${file}: ${words}`);
  }
}

async function placeOf(context: Context, server: OwnServer | null): Promise<Place> {
  const url = server?.url ?? (await context.address());
  const login = await context.credentials.find(url);
  const token = context.environment['SLUICE_TOKEN'] || login?.token;
  if (!token)
    throw new CommandError(exitCodes.notFound, `Log in to ${url} first, or set SLUICE_TOKEN.`);
  const client = createClient({ baseUrl: url, token, userAgent: `sluice/${version}` });
  const [organisation] = (await client.organisations.list()).results;
  if (organisation === undefined)
    throw new CommandError(exitCodes.notFound, 'You belong to no organisation.');
  return {
    ...{ client, url, token, organisation: organisation.uuid, server },
    interruption: context.interruption(),
    looks: CLOSE_LOOKS,
    onDeed: ({ action }) => context.terminal.progress(`${action.at} ms: ${action.do}`),
  };
}

async function simulate(
  context: Context,
  place: Place,
  storm: Storm,
  { json, shrinkMs }: { readonly json: boolean; readonly shrinkMs: number },
) {
  const record = await attempt(place, storm);
  const broken = brokenPromises(record);
  if (json) context.terminal.print(JSON.stringify(summary(record, broken)));
  else report(context, record, broken);
  if (broken.length === 0) return exitCodes.done;
  const shortest = await shortestFailing(context, place, storm, shrinkMs);
  if (json) context.terminal.print(JSON.stringify({ shortest: printStorm(shortest) }));
  else context.terminal.print(`\nThe shortest storm that failed:\n\n${printStorm(shortest)}`);
  return exitCodes.failed;
}

function report({ terminal }: Context, record: StormRecord, broken: readonly Violation[]): void {
  terminal.print(drawTimeline(record));
  const ran = record.deployments.filter((one) => one.running_at !== null).length;
  terminal.print(
    `${record.deeds.length} deeds, ${record.deployments.length} deployments of which ${ran} ran, ` +
      `${record.requests} requests of the page. Live: ${record.liveCommit ?? 'nothing'}.`,
  );
  if (broken.length === 0) terminal.print(terminal.style('green', 'Every promise was kept.'));
  for (const { promise, text } of broken)
    terminal.print(`${terminal.style('red', `broken: ${promise}`)}  ${text}`);
}

function summary(record: StormRecord, broken: readonly Violation[]) {
  const { storm, graph: _, ...seen } = record;
  return { storm: printStorm(storm), seed: storm.seed, ok: broken.length === 0, broken, ...seen };
}
