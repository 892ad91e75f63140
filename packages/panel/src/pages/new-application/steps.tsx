import { onboarding as text } from '../../text/onboarding.ts';
import { classes } from '../../ui/classes.ts';

/** Which steps there are, and which one is shown. */
export function Steps({ current }: { current: number }) {
  return (
    <ol aria-label={text.stepsLabel} className="mb-5 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {text.steps.map((step, index) => (
        <li
          key={step}
          aria-current={index === current ? 'step' : undefined}
          className={classes(index === current ? 'font-medium text-ink' : 'text-muted')}
        >
          {index + 1}. {step}
        </li>
      ))}
    </ol>
  );
}
