import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleX,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react';
import { stateText, type Tone } from '../text/states.ts';
import { classes } from './classes.ts';

const LOOKS: Readonly<Record<Tone, { icon: LucideIcon; look: string }>> = {
  good: { icon: CircleCheck, look: 'bg-good-soft text-good' },
  bad: { icon: CircleX, look: 'bg-bad-soft text-bad' },
  warn: { icon: CircleAlert, look: 'bg-warn-soft text-warn' },
  busy: { icon: LoaderCircle, look: 'bg-busy-soft text-busy' },
  idle: { icon: CircleDashed, look: 'bg-idle-soft text-idle' },
};

/** A state in its word, with an icon and a tone: never by colour alone. */
export function StateBadge({
  state,
  label,
  past = false,
}: {
  state: string;
  label?: string;
  /** It was in that state once: nothing turns. */
  past?: boolean;
}) {
  const text = stateText(state);
  const { icon: Icon, look } = LOOKS[text.tone];
  return (
    <span
      data-state={state}
      className={classes(
        'inline-flex items-center gap-1.5 rounded-full px-2.5 py-0.5 text-xs font-medium whitespace-nowrap',
        look,
      )}
    >
      <Icon
        aria-hidden
        className={classes('size-3.5', text.tone === 'busy' && !past && 'animate-spin')}
      />
      {label ?? text.label}
    </span>
  );
}

/** Only the icon of a state, with its word for those who hear the page. */
export function StateIcon({ state }: { state: string }) {
  const text = stateText(state);
  const { icon: Icon, look } = LOOKS[text.tone];
  return (
    <span
      data-state={state}
      title={text.label}
      className={classes('inline-flex rounded-full', look, 'bg-transparent')}
    >
      <Icon aria-hidden className={classes('size-4', text.tone === 'busy' && 'animate-spin')} />
      <span className="sr-only">{text.label}</span>
    </span>
  );
}
