import { RuntimeFailure } from '../../runtime.ts';
import { readBuildOutput } from '../build-output.ts';
import { type Engine, EngineRefusal, isMissing } from '../engine.ts';
import type { Registries } from '../registry.ts';

/** Makes sure that the engine has the image. Throws `image_missing` with why it cannot be had. */
export async function ensureImage(
  engine: Engine,
  registries: Registries,
  image: string,
): Promise<void> {
  try {
    await engine.call('look at an image', (docker) => docker.getImage(image).inspect());
    return;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const authconfig = await registries.of(image);
  let problem: string | null;
  try {
    const stream = await engine.call('pull an image', (docker) =>
      docker.pull(image, authconfig === null ? {} : { authconfig }),
    );
    problem = (await readBuildOutput(stream, async () => undefined)).error;
  } catch (error) {
    if (!(error instanceof EngineRefusal)) throw error;
    problem = error.message;
  }
  if (problem === null) return;
  throw new RuntimeFailure(
    'image_missing',
    `The image ${image} is not on the Docker Engine and cannot be pulled: ${problem}`,
  );
}
