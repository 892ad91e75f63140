import { access, constants, readFile } from 'node:fs/promises';

/** What a job must know of the image it runs in. */
export async function aboutImage(): Promise<{ bash: boolean; git: boolean; dist: string }> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^VERSION_CODENAME=(.*)$/m.exec(release)?.[1] ?? /^ID=(.*)$/m.exec(release)?.[1];
  const [bash, git] = await Promise.all([onPath('bash'), onPath('git')]);
  return { bash, git, dist: (name ?? '').replaceAll('"', '') };
}

async function onPath(program: string): Promise<boolean> {
  const directories = (process.env['PATH'] ?? '').split(':');
  const found = await Promise.all(
    directories.map((directory) =>
      access(`${directory}/${program}`, constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
