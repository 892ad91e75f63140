import { join } from 'node:path';

/** Where an image's files are. */
export interface ImagePlaces {
  readonly root: string;
  /** The checkout. */
  readonly app: string;
  readonly venv: string;
  /** HOME of the build, removed with it. */
  readonly home: string;
  /** Tasks of the build. */
  readonly tasks: string;
}

export function placesOf(builds: string, imageUuid: string): ImagePlaces {
  const root = join(builds, imageUuid);
  return {
    root,
    app: join(root, 'app'),
    venv: join(root, 'venv'),
    home: join(root, 'home'),
    tasks: join(root, 'tasks'),
  };
}
