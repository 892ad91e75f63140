import type Docker from 'dockerode';
import { isMap } from '../../script/config.ts';
import { registryOf, storedLogin } from './logins.ts';
import type { ResolvedOptions } from './options.ts';

export interface WantedImage {
  image: string;
  /** Who named it and how to name another, in sentences. */
  origin: string;
  /** False for an image that a build which is not trusted has named: it gets only what anybody can pull. */
  mayUseLogin: boolean;
  signal: AbortSignal;
  say(text: string): Promise<void> | void;
}

type PullOptions = Pick<ResolvedOptions, 'pull' | 'pullMs' | 'registryFile'>;

/** Makes sure that the engine has the image. Rejects with sentences that name it, why it is not there and what to do. */
export async function ensureImage(
  engine: Docker,
  wanted: WantedImage,
  options: PullOptions,
): Promise<void> {
  const { image, origin, signal } = wanted;
  const { login, problem } = await storedLogin(image, options.registryFile);
  // What is on the engine may have come with the login; only the registry can say whether anybody may have it.
  const mayHave = wanted.mayUseLogin || login === null || options.pull === 'never';
  if (options.pull !== 'always' && mayHave && (await isThere(engine, image))) return;
  if (options.pull === 'never') {
    throw new Error(
      `The image ${image} is not on the engine, and this runner pulls none. ${origin}`,
    );
  }
  await wanted.say(`Pulling the image ${image}.`);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.pullMs)]);
  try {
    const stream = await engine.pull(image, {
      abortSignal: limit,
      ...(login && mayHave ? { authconfig: login } : {}),
    });
    await new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(stream, (error) => (error ? reject(error) : resolve()));
    });
  } catch (error) {
    if (signal.aborted) throw new Error('The job was ended while its image was pulled.');
    if (options.pull === 'always' && mayHave && (await isThere(engine, image))) return;
    const reason = limit.aborted
      ? `it was not there after ${Math.round(options.pullMs / 1_000)} seconds`
      : messageOf(error);
    const said = [`The image ${image} cannot be had: ${reason.replace(/\.?\s*$/, '.')}`, origin];
    if (!mayHave) said.push(notTrusted(image));
    else if (wantsLogin(reason)) said.push(loginAdvice(image, login !== null), problem ?? '');
    throw new Error(said.filter((one) => one !== '').join(' '));
  }
}

const wantsLogin = (reason: string) =>
  /denied|unauthorized|forbidden|auth|credential|login/i.test(reason);

function loginAdvice(image: string, isKnown: boolean): string {
  const registry = registryOf(image);
  return isKnown
    ? `The login for ${registry} that this runner has was not enough.`
    : `This runner has no login for ${registry}: run docker login as its user, or name a file with one (job_registry_file; --registry-file of sluice runner).`;
}

const notTrusted = (image: string) =>
  `This build is not trusted, so the login for ${registryOf(image)} is not used for an image that its file names; an administrator can name it in the table of images (job_images; --image of sluice runner).`;

function isThere(engine: Docker, image: string): Promise<boolean> {
  return engine
    .getImage(image)
    .inspect()
    .then(
      () => true,
      () => false,
    );
}

/** The engine's own words, without the library's frame around them. */
export function messageOf(error: unknown): string {
  const json = (error as { json?: unknown }).json;
  if (isMap(json) && typeof json['message'] === 'string') return json['message'];
  return error instanceof Error ? error.message : String(error);
}
