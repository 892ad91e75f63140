#!/usr/bin/env node
import { basename } from 'node:path';
import { ApiError, ProtocolError, UnreachableError } from '@sluice/contract';
import { EncryptionError } from '@sluice/contract/encryption';
import { CommanderError } from 'commander';
import { CommandError, type ExitCode, exitCodes } from './exit-codes.ts';
import { createProgram } from './program.ts';

const programName =
  process.env['SLUICE_PROGRAM_NAME'] ??
  (basename(process.argv[1] ?? '').startsWith('divio') ? 'divio' : 'sluice');

// A reader that closes early (`sluice app logs | head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.done);
  throw error;
});
const { program, context } = createProgram({
  programName,
  environment: process.env,
  directory: process.cwd(),
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    process.stderr.write('\nExiting...\n');
    if (!context.interrupt()) process.exit(exitCodes.failed);
  });
}
for (const command of [
  program,
  ...program.commands,
  ...program.commands.flatMap((c) => c.commands),
]) {
  command.exitOverride();
}
for (const command of program.commands.flatMap((c) => c.commands).flatMap((c) => c.commands)) {
  command.exitOverride();
}

try {
  await program.parseAsync(process.argv);
} catch (error) {
  context.terminal.progress(null);
  process.exitCode = explain(error);
}

function explain(error: unknown): ExitCode {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  }
  const message = error instanceof Error ? error.message : String(error);
  context.terminal.note(context.terminal.styleNote('red', message));
  if (error instanceof CommandError) return error.exitCode;
  if (error instanceof UnreachableError || error instanceof ProtocolError)
    return exitCodes.noServer;
  if (error instanceof EncryptionError) return exitCodes.failed;
  if (error instanceof ApiError) {
    if (error.reason === 'held') return exitCodes.held;
    return [401, 403, 404].includes(error.status) ? exitCodes.notFound : exitCodes.failed;
  }
  if (process.env['SLUICE_DEBUG'] && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return exitCodes.failed;
}
