import { SluiceError } from './errors.ts';
import { startServer } from './server.ts';
import { loadSettings, settingsHelp } from './settings/index.ts';

const FAILED = 1;
const WRONG_SETTING = 2;

const argv = process.argv.slice(2);
if (argv.includes('--help') || argv.includes('-h')) {
  process.stdout.write(settingsHelp());
  process.exit(0);
}

try {
  const settings = await loadSettings(argv, process.env);
  const server = await startServer(settings, process.env);
  if (server.setupUrl !== null) {
    console.log(`no administrator yet; make one at ${server.setupUrl} (works once, for 24 hours)`);
  }
  console.log(`listening on ${server.url}`);

  let stopping = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      // Asked twice: whoever asks is in a hurry, and everything can be resumed.
      if (stopping) process.exit(FAILED);
      stopping = true;
      server.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          explain(error);
          process.exit(FAILED);
        },
      );
    });
  }
} catch (error) {
  explain(error);
  process.exit(isWrongSetting(error) ? WRONG_SETTING : FAILED);
}

function isWrongSetting(error: unknown): boolean {
  return error instanceof SluiceError && error.code === 'invalid';
}

/** One line, with what to do about it; a stack only for what nobody foresaw. */
function explain(error: unknown): void {
  if (error instanceof SluiceError) {
    process.stderr.write(`${error.message}${error.remedy === null ? '' : ` ${error.remedy}`}\n`);
  } else {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  }
}
