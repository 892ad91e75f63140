import { randomBytes } from 'node:crypto';
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fetchLivePage } from './live-page.ts';
import { root, run } from './processes.ts';
import { say } from './say.ts';

/** Who signs in to the panel of the demonstration, with a password of its own each time. */
export const PERSON = { email: 'you@example.com', password: randomBytes(9).toString('base64url') };

export interface Place {
  /** The server's address. */
  readonly url: string;
  readonly dataDir: string;
  /** Where the application's work tree is made. */
  readonly workDir: string;
  readonly environment: NodeJS.ProcessEnv;
}

interface CreatedApplication {
  readonly id: number;
  readonly uuid: string;
  readonly slug: string;
  readonly git_url: string;
  readonly environments: readonly { readonly slug: string; readonly url: string }[];
}

interface Why {
  readonly build: { readonly state: string; readonly url: string } | null;
  readonly environments: readonly {
    readonly slug: string;
    readonly state: string;
    readonly reason: string | null;
    readonly deployment: string | null;
  }[];
}

/** The three commits of the demonstration; throws at the first thing that does not happen. */
export async function tellStory(place: Place): Promise<CreatedApplication> {
  const { environment, workDir } = place;
  const sluice = (words: readonly string[], show = true) => {
    if (show) say.command(['sluice', ...words.map(shorten)]);
    return run(resolve(root, 'script/sluice'), words, { cwd: workDir, environment, show });
  };
  const git = (words: readonly string[], show = false) => {
    if (show) say.command(['git', ...words]);
    return run('git', words, { cwd: workDir, environment, show });
  };

  await mkdir(workDir, { recursive: true });
  say.step('Who works here: an administrator, and a machine user for the CI');
  const { dataDir } = place;
  const person = PERSON.email;
  const machine = 'ci@example.com';
  const make = ['admin', 'create-user', '--data', dataDir, '--email'];
  await run(resolve(root, 'script/sluice'), [...make, person, '--password-stdin'], {
    cwd: workDir,
    environment,
    input: `${PERSON.password}\n`,
  });
  await sluice([...make, machine, '--machine'], false);
  const secret = async (email: string) =>
    (await sluice(['admin', 'create-token', '--data', dataDir, '--email', email], false)).trim();
  const personToken = await secret(person);
  const machineToken = await secret(machine);
  say.good(`${person}, and ${machine} with an access token of its own`);
  say.good(`watch it all at ${place.url}: sign in as ${person} with ${PERSON.password}`);
  await sluice(['login', personToken]);

  say.step('An application');
  const created = await sluice(['app', 'create', 'flake8-site', '--json'], false);
  const application: CreatedApplication = JSON.parse(created);
  await sluice(['app', 'show', '--remote-id', String(application.id)]);

  say.step('Its repository, with the token encrypted into .travis.yml');
  await cp(join(root, 'examples/flake8-site'), workDir, { recursive: true });
  const travisFile = join(workDir, '.travis.yml');
  const travis = await readFile(travisFile, 'utf8');
  await writeFile(travisFile, travis.replace('--remote-id 1', `--remote-id ${application.id}`));
  await git(['init', '--quiet', '--initial-branch=main']);
  await git(['config', 'user.name', 'You']);
  await git(['config', 'user.email', person]);
  await git(['remote', 'add', 'origin', application.git_url]);
  await git(['config', `credential.${new URL(application.git_url).origin}.helper`, '']);
  await git([
    'config',
    '--add',
    `credential.${new URL(application.git_url).origin}.helper`,
    `!${join(root, 'script/sluice')} git-credential`,
  ]);
  await sluice(['encrypt', `TOKEN=${machineToken}`, '--add']);
  say.line(
    await readFile(travisFile, 'utf8').then((text) => text.replace(/(.{60}).{40,}/g, '$1…')),
  );

  const site = application.environments.find(({ slug }) => slug === 'test');
  if (site === undefined) throw new Error('the application has no environment "test"');

  const push = async (message: string): Promise<string> => {
    await git(['add', '.']);
    await git(['commit', '--quiet', '-m', message]);
    await git(['push', '--quiet', 'origin', 'main'], true);
    return (await git(['rev-parse', 'HEAD'])).trim();
  };
  const why = async (commit: string): Promise<Why> =>
    JSON.parse(
      await sluice(['why', commit, '--json', '--remote-id', String(application.id)], false),
    );
  const follow = (commit: string) =>
    sluice(['build', 'log', '--follow', '--commit', commit, '--remote-id', String(application.id)]);

  const goesLive = async (message: string, text: string): Promise<string> => {
    const commit = await push(message);
    await follow(commit);
    const watch = ['app', 'deployments', 'watch', '--commit', commit, '--log'];
    await sluice([...watch, '--remote-id', String(application.id)]);
    const page = await fetchLivePage(site.url);
    if (page.status !== 200 || page.commit !== commit || !page.body.includes(text)) {
      throw new Error(`${site.url} answers ${page.status}, commit ${page.commit}, not ${commit}`);
    }
    say.good(`${site.url} serves commit ${commit}`);
    return commit;
  };

  say.step('The first commit: pushed, tested, deployed, live');
  await goesLive('Say hello', 'Hello from Sluice');

  say.step('The second commit changes the page');
  const program = join(workDir, 'app.py');
  const source = await readFile(program, 'utf8');
  await writeFile(
    program,
    source.replace('Hello from Sluice', 'Every commit that passes goes live'),
  );
  const live = await goesLive('Say what Sluice does', 'Every commit that passes goes live');

  say.step('The third commit has a mistake that its tests find');
  await writeFile(program, `import this_is_never_used\n${await readFile(program, 'utf8')}`);
  const broken = await push('Break the rules of flake8');
  await follow(broken).catch(() => say.line('(the build failed, as it should)'));
  const answer = await why(broken);
  if (answer.build?.state !== 'failed') {
    throw new Error(`the build of the broken commit is ${answer.build?.state}, not failed`);
  }
  const page = await fetchLivePage(site.url);
  if (page.status !== 200 || page.commit !== live) {
    throw new Error(`${site.url} serves ${page.commit}, not ${live}`);
  }
  say.good(`it did not go live: ${site.url} still serves commit ${live}`);
  await sluice(['why', broken, '--remote-id', String(application.id)]);
  return application;
}

/** Secrets do not belong on the screen, not even a demo's. */
function shorten(word: string): string {
  return word.replace(/slc_[A-Za-z0-9]+/, 'slc_…');
}
