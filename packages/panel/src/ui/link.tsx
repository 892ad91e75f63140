import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { classes } from './classes.ts';

const LOOK = 'text-accent underline underline-offset-2';

/** A link within text: told apart by its line, not by colour alone (WCAG 1.4.1). */
export function TextLink({
  children,
  className,
  ...link
}: LinkProps & { children: ReactNode; className?: string }) {
  return (
    <Link {...link} className={classes(LOOK, className)}>
      {children}
    </Link>
  );
}

/** To another address, in a tab of its own. `note` is read aloud and says so. */
export function OutsideLink({
  href,
  note,
  children,
}: {
  href: string;
  note: string;
  children: ReactNode;
}) {
  return (
    <a href={href} target="_blank" rel="noreferrer" className={classes(LOOK, 'break-all')}>
      {children}
      <span className="sr-only"> {note}</span>
    </a>
  );
}
