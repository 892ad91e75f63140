import type { ServiceKind } from '../types.ts';
import { hostLabel } from './host-label.ts';

const PORT = 6379;

/** By the documented interface of the official image: its arguments are the server's, its data lie in /data. */
export const redis: ServiceKind = {
  name: 'redis',
  uuid: '5e5c0000-0000-4000-8000-00000000000b',
  type: 'CACHE',
  title: 'Redis',
  description: 'A Redis whose data outlive restarts: REDIS_URL, CACHE_URL and <PREFIX>_REDIS_URL.',
  program: ({ prefix, image }, { password }) =>
    image === null
      ? null
      : {
          image,
          alias: alias(prefix),
          variables: {},
          command: ['redis-server', '--appendonly', 'yes', '--requirepass', password],
          dataPath: '/data',
          stopSeconds: 30,
        },
  probe: ({ password }) => ({
    // Its exit status tells of the connection alone; the answer counts.
    argv: ['sh', '-c', `redis-cli -h 127.0.0.1 -p ${PORT} ping | grep -q PONG`],
    variables: { REDISCLI_AUTH: password },
  }),
  variables: (prefix, { password }) => {
    // Named, for not every client takes an empty name for this user.
    const url = `redis://default:${password}@${alias(prefix)}:${PORT}/0`;
    return {
      [`${prefix}_REDIS_URL`]: url,
      ...(prefix === 'DEFAULT' ? { REDIS_URL: url, CACHE_URL: url } : {}),
    };
  },
  mountPath: () => null,
};

const alias = (prefix: string): string => `cache-${hostLabel(prefix)}`;
