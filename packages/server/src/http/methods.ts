import type { FastifyInstance } from 'fastify';

interface Known {
  readonly pattern: RegExp;
  readonly method: string;
}

/**
 * Which methods an address takes: whoever uses another one is told 405 and these, instead of being sent to look for a
 * mistake in the address. Must be added before the routes.
 */
export function collectMethods(app: FastifyInstance): (path: string) => string[] {
  const known: Known[] = [];
  app.addHook('onRoute', ({ url, method, config }) => {
    if (config?.internal) return;
    const pattern = patternOf(url);
    for (const one of [method].flat()) known.push({ pattern, method: one });
  });
  return (path) => [
    ...new Set(known.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)),
  ];
}

/** `:name` is one segment, `*` all the rest; the last slash may be there or not. */
function patternOf(url: string): RegExp {
  const text = url
    .replace(/\/$/, '')
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\*/g, '.*');
  return new RegExp(`^${text}/?$`);
}
