import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { keys } from './keys.ts';

export interface BuildsFilter {
  readonly branch?: string;
  readonly state?: string;
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** Builds of an application, newest first. */
export const buildsQuery = (application: string, filter: BuildsFilter) =>
  queryOptions({
    queryKey: keys.application(application, 'builds', JSON.stringify(filter)),
    queryFn: () => api.builds.list({ application, ...filter }),
  });

export const buildQuery = (id: number) =>
  queryOptions({ queryKey: keys.build(id), queryFn: () => api.builds.get(id) });

/** The files of its configuration; they never change. */
export const buildSourceQuery = (id: number) =>
  queryOptions({
    queryKey: ['build-source', id] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => api.builds.source(id),
  });
