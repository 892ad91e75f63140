import { Link, type LinkProps } from '@tanstack/react-router';
import { LoaderCircle } from 'lucide-react';
import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { classes } from './classes.ts';

export type ButtonKind = 'primary' | 'plain' | 'quiet' | 'danger';

const KINDS: Readonly<Record<ButtonKind, string>> = {
  primary: 'bg-accent text-on-accent border-accent hover:brightness-110',
  plain: 'bg-surface text-ink border-edge hover:bg-raised',
  quiet: 'bg-transparent text-accent border-transparent hover:bg-raised',
  danger: 'bg-surface text-bad border-bad hover:bg-bad-soft',
};

const BASE =
  'inline-flex min-h-9 items-center justify-center gap-2 rounded-md border px-3 py-1.5 text-sm font-medium no-underline disabled:opacity-60 disabled:cursor-not-allowed';

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly kind?: ButtonKind;
  /** At work: shows a spinner and takes no second click. */
  readonly busy?: boolean;
}

export function Button({
  kind = 'plain',
  busy = false,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled || busy}
      aria-busy={busy || undefined}
      className={classes(BASE, KINDS[kind], className)}
    >
      {busy && <LoaderCircle aria-hidden className="size-4 animate-spin" />}
      {children}
    </button>
  );
}

/** A link that looks like a button; it goes somewhere, a button does something. */
export function ButtonLink({
  kind = 'plain',
  children,
  className,
  ...link
}: LinkProps & { kind?: ButtonKind; children: ReactNode; className?: string }) {
  return (
    <Link {...link} className={classes(BASE, KINDS[kind], className)}>
      {children}
    </Link>
  );
}

/** A button that shows an icon only; its name is read aloud and shown on hover. */
export function IconButton({
  label,
  children,
  className,
  ...rest
}: ButtonHTMLAttributes<HTMLButtonElement> & { label: string }) {
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      title={label}
      className={classes(
        'inline-flex size-9 items-center justify-center rounded-md text-muted hover:bg-raised hover:text-ink disabled:opacity-60',
        className,
      )}
    >
      {children}
    </button>
  );
}
