import type { EnvironmentLine } from '@sluice/contract';
import { passedAmong } from '../deploy/engine/verdicts.ts';
import { whyState } from '../deploy/why/why-state.ts';
import { type Ahead, createAhead } from './ahead.ts';
import { isNewestPassed, secondsBehind } from './behind.ts';
import { createCommitLines } from './commit-lines.ts';
import type { OverviewDeps } from './deps.ts';
import { healthOf } from './health.ts';
import {
  deploymentRows,
  type EnvironmentRows,
  environmentRows,
  lastEnded,
  movingRows,
  pushedRows,
  servingRows,
  testRows,
} from './rows.ts';
import { summarise } from './summary.ts';

type EnvironmentRow = EnvironmentRows[number];

interface Standing {
  readonly row: EnvironmentRow;
  readonly gate: boolean;
  readonly ahead: Ahead;
  /** Commits above what is live that may go live, newest first. */
  readonly ready: readonly string[];
}

export const gateOf = (row: Pick<EnvironmentRow, 'require_build' | 'ci_enabled'>): boolean =>
  row.require_build === 'on' || (row.require_build === 'auto' && row.ci_enabled === 1);

/** Environments of many applications with all that a dashboard says of them: a dozen queries whatever their number. */
export function createEnvironmentLines(deps: OverviewDeps) {
  const { store } = deps;
  const aheadOf = createAhead(deps.git);
  const commitLines = createCommitLines(deps.git);

  const standingOf = async (row: EnvironmentRow): Promise<Standing> => {
    const ahead = await aheadOf(row.repository_uuid, row.live_sha, row.head);
    const gate = gateOf(row);
    const { commits } = ahead;
    const ready =
      gate && commits.length > 0 ? await passedAmong(store, row.repository_uuid, commits) : commits;
    return { row, gate, ahead, ready };
  };

  const up = async (): Promise<ReadonlySet<string> | null> => {
    try {
      const running = await deps.runtime.instances();
      return new Set(running.filter((one) => one.isUp).map((one) => one.instanceUuid));
    } catch {
      // The supervisor is being started, perhaps; the next look asks again.
      return null;
    }
  };

  /** In the order of each application's environments, by application. */
  return async (
    applicationUuids: readonly string[],
  ): Promise<ReadonlyMap<string, readonly EnvironmentLine[]>> => {
    const rows = await environmentRows(store, applicationUuids);
    const uuids = rows.map((row) => row.uuid);
    const repositories = [...new Set(rows.map((row) => row.repository_uuid))];
    const [moving, ended, serving, running, standings] = await Promise.all([
      movingRows(store, uuids),
      lastEnded(store, uuids),
      servingRows(store, uuids),
      up(),
      Promise.all(rows.map(standingOf)),
    ]);
    const newest = standings.flatMap(({ ready }) => ready.slice(0, 1));
    const heads = rows.flatMap(({ head }) => (head === null ? [] : [head]));
    const [fates, tests, pushed, commits] = await Promise.all([
      deploymentRows(store, uuids, newest),
      testRows(store, repositories, [...newest, ...heads]),
      pushedRows(store, repositories, newest),
      linesOf(rows),
    ]);

    const now = Date.now();
    const lineOf = ({ row, gate, ahead, ready }: Standing): EnvironmentLine => {
      const going = moving.get(row.uuid);
      const last = ended.get(row.uuid);
      const hold =
        row.hold_since === null
          ? null
          : { since: row.hold_since, by: row.hold_by, reason: row.hold_reason };
      const test = (sha: string | undefined | null) =>
        tests.get(`${row.repository_uuid} ${sha}`)?.state ?? null;
      const [top] = ready;
      const fate =
        top === undefined
          ? null
          : whyState({
              present: true,
              build: test(top),
              gate,
              deployments: fates
                .filter((one) => one.environment_uuid === row.uuid && one.sha === top)
                .map((one) => ({ ...one, supersededBy: null })),
              live: false,
              liveDeployment: row.live_deployment_uuid,
            });
      const tested = tests.get(`${row.repository_uuid} ${top}`);
      const behind = {
        ...{ live: row.live_sha, liveOnBranch: ahead.liveOnBranch, ready },
        readySince:
          tested?.state === 'passed'
            ? tested.updated_at
            : (pushed.get(`${row.repository_uuid} ${top}`) ?? null),
      };
      const commit = row.live_sha === null ? undefined : commits.get(row.live_sha);
      return {
        uuid: row.uuid,
        slug: row.slug,
        branch: row.branch,
        url: deps.url(row.host_label),
        auto_deploy: row.auto_deploy === 1,
        live:
          row.live_sha === null
            ? null
            : {
                commit: commit ?? goneCommit(row.live_sha),
                since: row.live_since ?? new Date(now).toISOString(),
                deployment: row.live_deployment_uuid,
              },
        health: healthOf({
          isLive: row.live_sha !== null,
          stopped: row.stopped === 1,
          wanted: (serving.get(row.uuid) ?? []).map((one) => one.uuid),
          up: running,
        }),
        moving:
          going === undefined
            ? null
            : {
                uuid: going.uuid,
                status: going.status,
                percent: going.percent,
                commit: going.sha,
              },
        last_failure:
          going !== undefined || last === undefined || last.status === 'SUCCEEDED'
            ? null
            : {
                uuid: last.uuid,
                status: last.status,
                reason: last.reason,
                at: last.ended_at,
              },
        hold,
        summary: summarise({
          branch: row.branch,
          gate,
          hold,
          head: row.head,
          live: row.live_sha,
          liveOnBranch: ahead.liveOnBranch,
          newer: ahead.commits.length,
          ready,
          fate,
          headTest: test(row.head),
        }),
        is_newest_passed: isNewestPassed(behind),
        seconds_behind_newest_passed: secondsBehind(behind, now),
      };
    };

    const byApplication = Map.groupBy(standings, ({ row }) => row.application_uuid);
    return new Map(
      [...byApplication].map(([uuid, standing]) => [uuid, standing.map(lineOf)] as const),
    );
  };

  /** What is live, read with one git process for each repository whose commits are not known yet. */
  async function linesOf(rows: EnvironmentRows) {
    const byRepository = Map.groupBy(rows, (row) => row.repository_uuid);
    const found = await Promise.all(
      [...byRepository].map(([uuid, of]) =>
        commitLines(
          uuid,
          of.flatMap(({ live_sha }) => (live_sha === null ? [] : [live_sha])),
        ),
      ),
    );
    return new Map(found.flatMap((lines) => [...lines]));
  }
}

/** A force push may have taken the commit away that is live. */
const goneCommit = (sha: string) => ({
  sha,
  subject: '(no longer in the repository)',
  author: '',
  committed_at: new Date(0).toISOString(),
});
