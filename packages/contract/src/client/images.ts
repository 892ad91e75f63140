import type { AllImages, Images, ImagesCleaned } from '../images.ts';
import { type Send, segment } from './transport.ts';

/** What the runtime keeps of each application; the `all...` are for administrators of the installation. */
export function createImagesClient(send: Send) {
  return {
    images: {
      list: (application: string) =>
        send<Images>('GET', '/apps/v3/images/', { query: { application, page_size: 1_000 } }),
      remove: (uuid: string) => send<null>('DELETE', `/apps/v3/images/${segment(uuid)}/`),
      clean: (application: string, dryRun = false) =>
        send<ImagesCleaned>('POST', '/apps/v3/images/clean/', {
          body: { application, dry_run: dryRun },
        }),
      all: () => send<AllImages>('GET', '/system/v3/images/'),
      cleanAll: (dryRun = false) =>
        send<ImagesCleaned>('POST', '/system/v3/images/clean/', { body: { dry_run: dryRun } }),
    },
  };
}
