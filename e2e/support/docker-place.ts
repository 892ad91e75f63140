import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createPlace, type Place } from './site.ts';

/** A Sluice that runs applications on the local Docker Engine. */
export interface DockerPlace {
  readonly place: Place;
  /** Lines that `docker` prints of what belongs to this installation, such as `docker('images', '-q')`. */
  docker(...words: string[]): string[];
  /** Also removes whatever it has left on the engine. */
  destroy(): Promise<void>;
}

export async function createDockerPlace(flags: readonly string[] = []): Promise<DockerPlace> {
  const place = await createPlace({ flags: ['--runtime', 'docker', ...flags] });
  const file = join(place.installation.dataDir, 'docker/installation');
  const filter = ['--filter', `label=sluice.installation=${readFileSync(file, 'utf8').trim()}`];
  const run = (...words: string[]) =>
    execFileSync('docker', words, { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line !== '');
  const docker = (...words: string[]) => run(...words, ...filter);
  return {
    place,
    docker,
    destroy: async () => {
      await place.destroy();
      const containers = docker('ps', '-aq');
      if (containers.length > 0) run('rm', '-f', '-v', ...containers);
      const images = new Set(docker('images', '-q'));
      if (images.size > 0) run('rmi', '-f', ...images);
      for (const kind of ['network', 'volume']) {
        for (const name of docker(kind, 'ls', '-q')) run(kind, 'rm', name);
      }
    },
  };
}
