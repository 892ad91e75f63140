import type { ListOf } from '@sluice/contract';
import type { FastifyRequest } from 'fastify';

export interface PageRequest {
  readonly page: number;
  readonly limit: number;
  readonly offset: number;
}

/** The divio client reads only the first page of most lists, so it must be long (spec/divio.md 4.1). */
const DEFAULT_SIZE = 100;
const MAX_SIZE = 1_000;

export function pageOf(query: {
  readonly page?: number;
  readonly page_size?: number;
}): PageRequest {
  const page = Math.min(query.page ?? 1, 1_000_000);
  const limit = Math.min(query.page_size ?? DEFAULT_SIZE, MAX_SIZE);
  return { page, limit, offset: (page - 1) * limit };
}

/** One page of a list. `next` is absolute, on the address that the client used, for it is re-used as it is. */
export function pageAnswer<T>(
  request: FastifyRequest,
  { page, offset, limit }: PageRequest,
  count: number,
  results: T[],
): ListOf<T> {
  const link = (number: number): string => {
    const url = absoluteUrl(request, request.url);
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

/** For lists that are short by nature: everything is one page. */
export function wholeList<T>(request: FastifyRequest, items: readonly T[]): ListOf<T> {
  const page = pageOf(request.query as { page?: number; page_size?: number });
  const shown = items.slice(page.offset, page.offset + page.limit);
  return pageAnswer(request, page, items.length, shown);
}

/** `path` on the scheme and host that the client used; Fastify believes X-Forwarded-* of trusted proxies only. */
export function absoluteUrl(request: FastifyRequest, path: string): URL {
  const host = request.host || 'localhost';
  try {
    return new URL(path, `${request.protocol}://${host}`);
  } catch {
    return new URL(path, 'http://localhost');
  }
}

/** The values of a filter that may be absent, empty or repeated; undefined: do not filter. */
export function filterOf(value: string | readonly string[] | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  const texts = (typeof value === 'string' ? [value] : [...value]).filter((text) => text !== '');
  return texts.length === 0 ? undefined : texts;
}
