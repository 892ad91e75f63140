import type { CommitFate, CommitFates } from '@sluice/contract';
import { whyState } from '../deploy/why/why-state.ts';
import { SluiceError } from '../errors.ts';
import { commitLine } from './commit-lines.ts';
import type { OverviewDeps } from './deps.ts';
import { gateOf } from './environment-lines.ts';
import { deploymentRows, environmentRows, testRows } from './rows.ts';

const PAGE = 50;
/** As far back as one can leaf. */
const MOST_COMMITS = 10_000;
const MOST_LINES = 50;

interface Subject {
  readonly uuid: string;
  readonly repositoryUuid: string;
  readonly defaultBranch: string | null;
}

export interface FatesQuery {
  readonly branch?: string | undefined;
  /** The last one that is known already. */
  readonly after?: string | undefined;
}

/** An application's commits with what became of each in each environment: `why` for a whole page at once. */
export function createFates({ store, git }: OverviewDeps) {
  /** Commits below a head never change, so leafing costs git nothing. */
  const lines = new Map<string, Promise<string[]>>();

  const lineBelow = (repositoryUuid: string, head: string): Promise<string[]> => {
    const key = `${repositoryUuid} ${head}`;
    const known = lines.get(key);
    if (known !== undefined) return known;
    const line = git.history(repositoryUuid).commitsBetween(null, head, MOST_COMMITS);
    if (lines.size >= MOST_LINES) lines.clear();
    lines.set(key, line);
    line.catch(() => lines.delete(key));
    return line;
  };

  return async (
    application: Subject,
    { branch: asked, after }: FatesQuery,
  ): Promise<CommitFates> => {
    const { repositoryUuid } = application;
    const history = git.history(repositoryUuid);
    const environments = await environmentRows(store, [application.uuid]);
    const branches = await history.branches();
    const branch =
      asked || environments[0]?.branch || application.defaultBranch || branches[0] || 'main';
    const head = await history.head(branch);
    if (head === null && asked) throw missing('branch', `There is no branch ${asked}.`);
    const line = head === null ? [] : await lineBelow(repositoryUuid, head);
    const start = after === undefined ? 0 : line.indexOf(after) + 1;
    if (start === 0 && after !== undefined) {
      throw missing('after', `The commit ${after} is not on ${branch} any more.`);
    }
    const shas = line.slice(start, start + PAGE);
    const [commits, tests, deployments] = await Promise.all([
      git.commits(repositoryUuid, shas),
      testRows(store, [repositoryUuid], shas),
      deploymentRows(
        store,
        environments.map((row) => row.uuid),
        shas,
      ),
    ]);

    const fateOf = (commit: (typeof commits)[number]): CommitFate => {
      const test = tests.get(`${repositoryUuid} ${commit.sha}`);
      return {
        ...commitLine(commit),
        build:
          test === undefined
            ? null
            : { id: test.id, number: test.number, state: test.build_state ?? test.state },
        environments: environments.map((row) => {
          const { state, reason, deployment } = whyState({
            present: true,
            build: test?.state ?? null,
            gate: gateOf(row),
            deployments: deployments
              .filter((one) => one.environment_uuid === row.uuid && one.sha === commit.sha)
              .map((one) => ({ ...one, supersededBy: null })),
            live: row.live_sha === commit.sha && row.live_deployment_uuid !== null,
            liveDeployment: row.live_deployment_uuid,
          });
          return { slug: row.slug, state, reason, deployment };
        }),
      };
    };
    return {
      branch,
      branches,
      commits: commits.map(fateOf),
      next: start + PAGE < line.length ? (shas.at(-1) ?? null) : null,
    };
  };
}

const missing = (field: string, text: string) =>
  new SluiceError('invalid', text, { fields: { [field]: [text] } });
