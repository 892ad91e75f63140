import type { ImageSize, Runtime } from '../../runtimes/runtime.ts';

/** An engine that is away is waited for elsewhere; people who look get what is known without it. */
const SIZES_WITHIN_MS = 5_000;

export interface Measured {
  readonly sizes: ReadonlyMap<string, ImageSize>;
  /** Why sizes are not known; null where they are. */
  readonly problem: string | null;
}

/** What images take up, or why that cannot be told now. */
export async function measure(
  runtime: Pick<Runtime, 'imageSizes'>,
  imageUuids: readonly string[],
): Promise<Measured> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const words = 'What keeps the images does not answer, so their sizes are not known.';
    timer = setTimeout(() => reject(new Error(words)), SIZES_WITHIN_MS);
  });
  try {
    const sizes = await Promise.race([runtime.imageSizes(imageUuids), late]);
    return { sizes, problem: null };
  } catch (error) {
    return { sizes: new Map(), problem: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
