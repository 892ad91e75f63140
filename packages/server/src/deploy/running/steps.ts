import type { Store } from '../../store/index.ts';
import type { DeploymentRow } from '../../store/schema/deploy.ts';

/** One stretch of a deployment's life: it waited for something, or the pipeline worked. */
export interface StepView {
  /** A status of spec/ordering.md 2.5. */
  readonly step: string;
  readonly title: string;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** done | failed | cancelled | interrupted; null while it lasts. */
  readonly outcome: string | null;
  /** Why it failed, or what is worth telling: lines of text. */
  readonly detail: string | null;
}

const WAITING = ['AWAITING_COMMIT', 'AWAITING_BUILD', 'QUEUED'];

const TITLES: Readonly<Record<string, string>> = {
  AWAITING_COMMIT: 'Waiting for the commit to arrive',
  AWAITING_BUILD: 'Waiting for the build of the commit',
  QUEUED: 'Waiting for its turn',
  PROVISIONING: 'Services and check-out',
  BUILDING: 'Building the image',
  RELEASING: 'Release commands',
  SCALING: 'Starting new instances',
  CHECKING: 'Health checks',
  FINALIZING: 'Switching traffic',
};

/** Waiting first, from the decisions; then the pipeline's own steps. A step that a crash cut short appears once more. */
export async function stepsOf({ db }: Store, deployment: DeploymentRow): Promise<StepView[]> {
  const events = await db
    .selectFrom('deployment_events')
    .select(['at', 'to_status', 'reason'])
    .where('deployment_uuid', '=', deployment.uuid)
    .orderBy('id')
    .execute();
  const rows = await db
    .selectFrom('deployment_steps')
    .selectAll()
    .where('deployment_uuid', '=', deployment.uuid)
    .orderBy('id')
    .execute();
  const performed = rows.map((row) => ({
    step: row.step,
    title: titleOf(row.step),
    startedAt: row.started_at,
    endedAt: row.ended_at ?? cutShortAt(deployment, rows, row.id),
    outcome: row.outcome ?? (cutShortAt(deployment, rows, row.id) === null ? null : 'interrupted'),
    detail: row.detail,
  }));
  return [...waits(deployment, events), ...performed];
}

/** A step without an end is at work, unless the deployment has gone on without it. */
function cutShortAt(
  deployment: DeploymentRow,
  rows: readonly { id: number; started_at: string }[],
  id: number,
): string | null {
  return rows.find((row) => row.id > id)?.started_at ?? deployment.ended_at;
}

function waits(
  deployment: DeploymentRow,
  events: readonly { at: string; to_status: string; reason: string | null }[],
): StepView[] {
  const found: StepView[] = [];
  for (const [index, event] of events.entries()) {
    const { to_status: step, at } = event;
    // Several decisions may leave it waiting for the same thing.
    if (!WAITING.includes(step) || events[index - 1]?.to_status === step) continue;
    const next = events.slice(index + 1).find((later) => later.to_status !== step);
    const endedAt = next?.at ?? deployment.ended_at;
    if (endedAt === at) continue;
    found.push({
      step,
      title: titleOf(step),
      startedAt: at,
      endedAt,
      outcome: endedAt === null ? null : outcomeOf(next),
      detail: null,
    });
  }
  return found;
}

/** How the waiting ended: it went on, or the deployment ended there. */
function outcomeOf(next: { to_status: string } | undefined): string {
  switch (next?.to_status) {
    case 'FAILED':
      return 'failed';
    case 'CANCELLED':
    case 'SUPERSEDED':
    case 'HELD':
    case 'SKIPPED':
      return 'cancelled';
    default:
      return 'done';
  }
}

const titleOf = (step: string): string => TITLES[step] ?? step;
