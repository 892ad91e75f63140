import { isSlug } from '../names.ts';
import type { GitResource } from '../types.ts';

export interface GitPath {
  /** `organisation/application`, without `.git`. */
  readonly slug: string;
  readonly resource: GitResource;
  /** Whether the request belongs to a push; so it needs `repository:push`, the others `repository:read`. */
  readonly isPush: boolean;
}

/**
 * Reads `/<org>/<app>[.git]/(info/refs|git-upload-pack|git-receive-pack)` with its query. Null for everything
 * else, also for the old protocol without `service=`, which Sluice does not serve.
 */
export function parseGitPath(url: string): GitPath | null {
  const [path = '', query = ''] = url.split('?', 2);
  const match = /^\/([^/]+\/[^/]+?)(?:\.git)?\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(
    path,
  );
  const slug = match?.[1];
  const resource = match?.[2] as GitResource | undefined;
  if (slug === undefined || resource === undefined || !isSlug(slug)) return null;
  if (resource !== 'info/refs') return { slug, resource, isPush: resource === 'git-receive-pack' };
  const service = new URLSearchParams(query).get('service');
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return null;
  return { slug, resource, isPush: service === 'git-receive-pack' };
}
