import type { DeploymentStep } from '@sluice/contract';
import { CircleCheck, CircleSlash, CircleX, LoaderCircle, type LucideIcon } from 'lucide-react';
import { running as text } from '../../text/running.ts';
import { classes } from '../../ui/classes.ts';
import { Duration, exactTime } from '../../ui/time.tsx';

const LOOKS: Readonly<Record<string, { icon: LucideIcon; look: string }>> = {
  done: { icon: CircleCheck, look: 'text-good' },
  failed: { icon: CircleX, look: 'text-bad' },
  cancelled: { icon: CircleSlash, look: 'text-idle' },
  interrupted: { icon: CircleSlash, look: 'text-warn' },
};
const WORKING = { icon: LoaderCircle, look: 'text-busy' };

/** The steps as a line through time; the one at work counts its seconds. */
export function Steps({ steps }: { steps: readonly DeploymentStep[] }) {
  if (steps.length === 0) return <p className="text-sm text-muted">{text.noSteps}</p>;
  return (
    <ol className="flex flex-col">
      {steps.map((step, index) => (
        <Step
          key={`${step.step} ${step.started_at}`}
          step={step}
          isLast={index === steps.length - 1}
        />
      ))}
    </ol>
  );
}

function Step({ step, isLast }: { step: DeploymentStep; isLast: boolean }) {
  const { icon: Icon, look } = (step.outcome !== null && LOOKS[step.outcome]) || WORKING;
  return (
    <li
      className="flex gap-3 text-sm"
      data-step={step.step}
      data-outcome={step.outcome ?? 'working'}
    >
      <span className={classes('flex flex-col items-center', look)}>
        <Icon aria-hidden className={classes('size-5', step.outcome === null && 'animate-spin')} />
        {!isLast && <span aria-hidden className="w-px flex-1 bg-line" />}
      </span>
      <div className={classes('min-w-0 flex-1', !isLast && 'pb-4')}>
        <p className="flex flex-wrap items-baseline justify-between gap-x-4">
          <span className="font-medium">
            {step.title}
            <span className="sr-only">, {outcomeText(step.outcome)}</span>
          </span>
          <span className="text-muted tabular-nums" title={exactTime(new Date(step.started_at))}>
            <Duration from={step.started_at} to={step.ended_at} />
          </span>
        </p>
        {step.detail !== null && (
          <p
            className={classes(
              'mt-1 text-xs whitespace-pre-line break-words',
              step.outcome === 'failed' ? 'text-bad' : 'text-muted',
            )}
          >
            {step.detail}
          </p>
        )}
      </div>
    </li>
  );
}

const OUTCOMES: Readonly<Record<string, string>> = text.outcomes;

const outcomeText = (outcome: string | null): string =>
  outcome === null ? text.atWork : (OUTCOMES[outcome] ?? outcome);
