import { stat } from 'node:fs/promises';
import { sizeBelow } from '../../../files-size.ts';
import type { ImageSize, Runtime } from '../runtime.ts';
import type { ImagePlaces } from './places.ts';

/** Sizes of built images, each counted once: nothing writes into one that is built, and counting a venv takes a while. */
export function createImageSizes(placesFor: (imageUuid: string) => ImagePlaces) {
  const known = new Map<string, { readonly builtAt: number; readonly size: ImageSize }>();

  const sizeOf = async (imageUuid: string): Promise<ImageSize | null> => {
    const { root } = placesFor(imageUuid);
    const builtAt = (await stat(root).catch(() => null))?.mtimeMs;
    if (builtAt === undefined) {
      known.delete(imageUuid);
      return null;
    }
    const before = known.get(imageUuid);
    if (before?.builtAt === builtAt) return before.size;
    const bytes = await sizeBelow(root);
    const size = { bytes, ownBytes: bytes };
    known.set(imageUuid, { builtAt, size });
    return size;
  };

  const sizes: Runtime['imageSizes'] = async (imageUuids) => {
    const found = new Map<string, ImageSize>();
    // One after the other: a page that is looked at shall not slow down what runs.
    for (const uuid of imageUuids) {
      const size = await sizeOf(uuid);
      if (size !== null) found.set(uuid, size);
    }
    return found;
  };
  return sizes;
}
