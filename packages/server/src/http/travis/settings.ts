import { TravisSettings, TravisSettingsChange } from '@sluice/contract';
import { Type } from 'typebox';
import type { RepositorySettings } from '../../ci/index.ts';
import { SluiceError } from '../../errors.ts';
import type { App } from '../context.ts';
import { readFlag } from './bodies.ts';
import type { TravisContext } from './context.ts';

const Path = Type.Object({ id: Type.Integer() });
const Answer = { 200: Type.Object({ settings: TravisSettings }) };

/** The settings of a repository that `travis settings` knows. */
export function registerTravisSettings(app: App, context: TravisContext): void {
  const { access, ci } = context;
  const url = '/repos/:id(^\\d+$)/settings';

  app.get(
    url,
    {
      config: { action: 'build:read' },
      schema: {
        summary: 'How a repository is built',
        tags: ['travis'],
        params: Path,
        response: Answer,
      },
    },
    async (request) => {
      const { repository } = await access.repository(request, request.params.id, 'build:read');
      return { settings: settingsShape(await ci.settings.of(repository.uuid)) };
    },
  );

  app.patch(
    url,
    {
      config: { action: 'build:write' },
      schema: {
        summary: 'Change how a repository is built',
        tags: ['travis'],
        params: Path,
        body: Type.Object({ settings: TravisSettingsChange }),
        response: Answer,
      },
    },
    async (request) => {
      const { repository } = await access.repository(request, request.params.id, 'build:write');
      await ci.settings.change(repository.uuid, readSettings(request.body.settings));
      return { settings: settingsShape(await ci.settings.of(repository.uuid)) };
    },
  );
}

function settingsShape(settings: RepositorySettings): TravisSettings {
  return {
    builds_only_with_travis_yml: true,
    build_pushes: settings.buildPushes,
    build_pull_requests: settings.buildPullRequests,
    maximum_number_of_builds: settings.maxJobs ?? 0,
    auto_cancel_pushes: settings.autoCancelPushes,
    auto_cancel_pull_requests: settings.autoCancelPullRequests,
  };
}

/** The command sends all settings back, those it did not change as well. Throws `invalid`. */
function readSettings(change: TravisSettingsChange): Partial<RepositorySettings> {
  const only = change.builds_only_with_travis_yml;
  if (only !== undefined && only !== null && !readFlag('builds_only_with_travis_yml', only)) {
    throw new SluiceError('invalid', 'Without a .travis.yml there is nothing to build.');
  }
  const flags = {
    buildPushes: change.build_pushes,
    buildPullRequests: change.build_pull_requests,
    autoCancelPushes: change.auto_cancel_pushes,
    autoCancelPullRequests: change.auto_cancel_pull_requests,
  };
  const read: Record<string, boolean> = {};
  for (const [name, value] of Object.entries(flags)) {
    if (value !== undefined && value !== null) read[name] = readFlag(name, value);
  }
  const limit = change.maximum_number_of_builds;
  return { ...read, ...(limit === undefined ? {} : { maxJobs: readLimit(limit) }) };
}

function readLimit(value: number | string | null): number | null {
  const limit = Number(value ?? 0);
  if (!Number.isSafeInteger(limit) || limit < 0) {
    throw new SluiceError(
      'invalid',
      'maximum_number_of_builds must be a whole number, or 0 for no limit.',
    );
  }
  return limit === 0 ? null : limit;
}
