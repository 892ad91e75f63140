/**
 * `sluice admin`: works on the data directory of an installation, whether its server runs or not.
 * Results go to standard output, everything else to standard error; exit codes as in docs/reference/cli.md.
 */
import { Command, CommanderError } from 'commander';
import { SluiceError } from '../errors.ts';
import { backup } from './backup/create.ts';
import { restore } from './backup/restore.ts';
import { createToken } from './create-token.ts';
import { createUser } from './create-user.ts';
import { down } from './down.ts';
import { migrateStore } from './migrate-store.ts';
import { moveBlobs } from './move-blobs.ts';

const USAGE = 2;
const NOT_FOUND = 4;

const program = new Command('sluice admin')
  .description('Administer an installation through its data directory.')
  .exitOverride()
  .showHelpAfterError('(add --help for the usage)');

const command = (words: string, description: string) =>
  program
    .command(words)
    .description(description)
    .requiredOption(
      '--data <dir>',
      "the server's data directory",
      process.env['SLUICE_DATA'] ?? 'data',
    )
    .exitOverride();

command('create-user', 'Make an administrator (or a machine user) and print its uuid.')
  .alias('create')
  .requiredOption('--email <email>', 'its email address')
  .option('--machine', 'a machine user, for a CI service: no password, no administration')
  .option('--first-name <name>', 'first name', '')
  .option('--last-name <name>', 'last name', '')
  .option('--password-stdin', 'read a password from standard input')
  .action(createUser);

command('create-token', 'Make an access token for a user and print it. It is shown only now.')
  .requiredOption('--email <email>', 'whose token it is')
  .option('--name <name>', 'what it is for', 'made by sluice admin')
  .option(
    '--scope <scope...>',
    'what it may do, such as deploy@flake8-site or application:read; default: all that its user may',
  )
  .option('--expires-at <time>', 'ISO 8601 time at which it ends')
  .action(createToken);

command('down', 'Stop the server, the router and all applications of the installation.').action(
  down,
);

command(
  'backup [target]',
  'Copy everything that the data directory and the database hold into one file, while the server runs or not. TARGET: a file, a directory, or - for standard output.',
)
  .option('--keep <count>', 'of the backups in that directory keep only the newest')
  .option('--caches', 'with the build caches, which are left out otherwise')
  .option(
    '--no-images',
    'without what was built: applications then need a deployment (--build-mode FORCE)',
  )
  .action(backup);

command(
  'restore <file>',
  'Put a backup into the data directory, which must have no running server. FILE may be - for standard input.',
)
  .option('--replace', 'also where an installation is; what is replaced is kept aside')
  .option(
    '--database-url <url>',
    'the PostgreSQL database that gets the rows; empty: the embedded one; default: as the settings say',
  )
  .action(restore);

command(
  'migrate-store',
  'Move the rows of a stopped installation from the embedded database to PostgreSQL, and check that all arrived.',
)
  .requiredOption('--to <url>', 'an empty database, such as postgres://user:password@host/sluice')
  .option('--json', 'print the tables with their counts and checksums as JSON')
  .action(migrateStore);

command(
  'move-blobs',
  'Move the logs, caches and artifacts of a stopped installation into the bucket of its s3_* settings, or back. Each is compared before it is removed; run it again if it was interrupted.',
)
  .requiredOption('--to <kind>', 's3 or directory')
  .option('--json', 'print what was moved as JSON')
  .action(moveBlobs);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  process.exitCode = explain(error);
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE;
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${message}\n`);
  if (!(error instanceof SluiceError)) return 1;
  if (error.remedy !== null) process.stderr.write(`${error.remedy}\n`);
  if (error.code === 'not_found' || error.code === 'forbidden') return NOT_FOUND;
  return 1;
}
