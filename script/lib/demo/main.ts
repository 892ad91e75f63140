import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { root, run, startServer, stopServer, succeeds } from './processes.ts';
import { say } from './say.ts';
import { PERSON, tellStory } from './story.ts';

const words = process.argv.slice(2);
const unknown = words.find((word) => !['--once', '--keep'].includes(word));
if (unknown !== undefined) {
  say.bad(`Unknown argument "${unknown}". See script/demo --help.`);
  process.exit(2);
}
const once = words.includes('--once');

for (const program of ['git', 'python3']) {
  if (!(await succeeds(program, ['--version']))) {
    say.bad(`The demo needs ${program}. On Debian: apt-get install ${program}`);
    process.exit(1);
  }
}

// Debian keeps pip and venv in packages of their own; without either, no job can install what it tests with.
const canInstall = ['import venv, ensurepip', 'import pip'].map((program) =>
  succeeds('python3', ['-c', program]),
);
if (!(await Promise.all(canInstall)).includes(true)) {
  say.bad('The demo needs pip for its Python. On Debian: apt-get install python3-venv');
  process.exit(1);
}

const base = await mkdtemp(join(tmpdir(), 'sluice-demo-'));
const dataDir = join(base, 'data');
const workDir = join(base, 'flake8-site');
// The demo's logins and git settings are its own; those of the person at the keyboard stay as they are.
const environment: NodeJS.ProcessEnv = {
  ...process.env,
  XDG_CONFIG_HOME: join(base, 'config'),
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
};
for (const name of Object.keys(environment)) {
  if (name.startsWith('SLUICE_') || name.startsWith('DIVIO_')) delete environment[name];
}

say.title('Sluice: every commit that passes goes live, in order.');
say.step('The server starts, on free ports, with its data in a directory of its own');
const server = await startServer(['--data', dataDir, '--port', '0'], environment);
say.good(`listening on ${server.url}, data in ${dataDir}`);
environment['SLUICE_URL'] = server.url;

let stopping: Promise<void> | null = null;
const stop = (): Promise<void> => {
  stopping ??= (async () => {
    await stopServer(server.process);
    await run(resolve(root, 'script/sluice'), ['admin', 'down', '--data', dataDir], {
      environment,
    });
    if (!words.includes('--keep')) await rm(base, { recursive: true, force: true });
  })();
  return stopping;
};
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => {
    say.line('\nStopping ...');
    stop().then(
      () => process.exit(once ? 1 : 0),
      () => process.exit(1),
    );
  });
}

try {
  const application = await tellStory({ url: server.url, dataDir, workDir, environment });
  if (once) {
    await stop();
    say.line('');
    say.good('All of it happened. Nothing is left running.');
  } else {
    say.step('It stays up');
    say.line(`Panel      ${server.url}   (${PERSON.email}, password ${PERSON.password})`);
    say.line(`API        ${server.url}   (OpenAPI: ${server.url}/api/openapi.json)`);
    for (const { slug, url } of application.environments) say.line(`${slug.padEnd(10)} ${url}`);
    say.line(`Work tree  ${workDir}   (change app.py, commit, git push origin main)`);
    say.line(
      `The CLI    export SLUICE_URL=${server.url} XDG_CONFIG_HOME=${environment['XDG_CONFIG_HOME']}`,
    );
    say.line('           script/sluice app list');
    say.line('Stop it with Ctrl-C.');
  }
} catch (error) {
  say.bad(error instanceof Error ? error.message : String(error));
  await stop().catch((reason: unknown) => say.bad(String(reason)));
  process.exitCode = 1;
}
