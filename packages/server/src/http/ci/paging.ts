import type { ListOf } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';

export interface PageRequest {
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
}

const DEFAULT_SIZE = 100;
const MAX_SIZE = 1_000;

export function pageOf(query: {
  readonly page?: number;
  readonly page_size?: number;
}): PageRequest {
  const page = query.page ?? 1;
  const limit = Math.min(query.page_size ?? DEFAULT_SIZE, MAX_SIZE);
  return { page, limit, offset: (page - 1) * limit };
}

/** One page of a list as the v3 API answers it: `next` is absolute, on the address that the client used (spec/divio.md 4.1). */
export function pageAnswer<T>(
  request: FastifyRequest,
  { page, offset, limit }: PageRequest,
  count: number,
  results: T[],
): ListOf<T> {
  const link = (number: number): string => {
    const url = new URL(request.url, `${request.protocol}://${request.host}`);
    url.searchParams.set('page', String(number));
    return url.href;
  };
  return {
    count,
    next: offset + limit < count ? link(page + 1) : null,
    previous: page > 1 ? link(page - 1) : null,
    results,
  };
}
