import type { JobPayload } from '@sluice/contract';

/**
 * A job of the server as one of this machine: where the runner reaches the server under another address than the server
 * knows of, the job does too. Links that people follow stay as they are.
 */
export function readdress(payload: JobPayload, serverUrl: string): JobPayload {
  const theirs = payload.urls.server.replace(/\/+$/, '');
  const ours = serverUrl.replace(/\/+$/, '');
  const move = (url: string) => (url.startsWith(theirs) ? ours + url.slice(theirs.length) : url);
  return {
    ...payload,
    clone: { ...payload.clone, url: move(payload.clone.url) },
    urls: { ...payload.urls, server: ours },
  };
}
