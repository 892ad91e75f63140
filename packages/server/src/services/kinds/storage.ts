import type { ServiceKind } from '../types.ts';

/** A volume, mounted into everything that runs in the environment. The DSN is Divio's form for a local one. */
export const storage: ServiceKind = {
  name: 'storage',
  uuid: '5e5c0000-0000-4000-8000-00000000000c',
  type: 'STORAGE',
  title: 'Storage volume',
  description: 'Files that outlive deployments, mounted at /data/media: <PREFIX>_STORAGE_DSN.',
  program: () => null,
  probe: () => null,
  variables: (prefix) => ({
    [`${prefix}_STORAGE_DSN`]: `file://${path(prefix)}/?url=${encodeURIComponent(`/${folder(prefix)}/`)}`,
  }),
  mountPath: (prefix) => path(prefix),
};

const path = (prefix: string): string => `/data/${folder(prefix)}`;

function folder(prefix: string): string {
  return prefix === 'DEFAULT' ? 'media' : `media-${prefix.toLowerCase()}`;
}
