import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

/** With the overview, for instances that end change what an image is kept for, and do not name their application. */
export const imagesQuery = (application: string) =>
  queryOptions({
    queryKey: keys.overview('images', application),
    queryFn: () => api.images.list(application),
  });

export const allImagesQuery = queryOptions({
  queryKey: keys.overview('images'),
  queryFn: () => api.images.all(),
});

/** What a cleaning would remove now; null: of all applications. Asked anew each time that somebody is about to clean. */
export const cleaningQuery = (application: string | null) =>
  queryOptions({
    queryKey: keys.overview('cleaning', application ?? ''),
    queryFn: () =>
      application === null ? api.images.cleanAll(true) : api.images.clean(application, true),
    gcTime: 0,
  });
