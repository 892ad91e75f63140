import type {
  TravisEnvVar,
  TravisEnvVarChange,
  TravisSettings,
  TravisSettingsChange,
} from '../travis.ts';
import { type Send, segment } from './transport.ts';

/** What of a repository's settings goes over the Travis API (spec/travis.md 15). Repositories by their number. */
export function createTravisSettingsClient(send: Send) {
  const one = (uuid: string) => `/settings/env_vars/${segment(uuid)}`;

  const repositoryVariables = {
    list: async (repository_id: number) => {
      const query = { repository_id };
      const path = '/settings/env_vars/';
      return (await send<{ env_vars: TravisEnvVar[] }>('GET', path, { query })).env_vars;
    },
    create: async (repository_id: number, env_var: TravisEnvVarChange) => {
      const options = { query: { repository_id }, body: { env_var } };
      const path = '/settings/env_vars/';
      return (await send<{ env_var: TravisEnvVar }>('POST', path, options)).env_var;
    },
    update: async (repository_id: number, uuid: string, env_var: TravisEnvVarChange) => {
      const options = { query: { repository_id }, body: { env_var } };
      return (await send<{ env_var: TravisEnvVar }>('PATCH', one(uuid), options)).env_var;
    },
    remove: (repository_id: number, uuid: string) =>
      send<unknown>('DELETE', one(uuid), { query: { repository_id } }),
  };

  const repositorySettings = {
    get: async (repositoryId: number) => {
      const path = `/repos/${segment(repositoryId)}/settings`;
      return (await send<{ settings: TravisSettings }>('GET', path)).settings;
    },
    update: async (repositoryId: number, settings: TravisSettingsChange) => {
      const path = `/repos/${segment(repositoryId)}/settings`;
      return (await send<{ settings: TravisSettings }>('PATCH', path, { body: { settings } }))
        .settings;
    },
  };

  return { repositoryVariables, repositorySettings };
}
