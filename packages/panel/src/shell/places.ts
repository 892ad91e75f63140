import type { LinkProps } from '@tanstack/react-router';
import { application } from '../text/application.ts';
import { shell } from '../text/shell.ts';

/** A page that one can go to by `g` and a letter, and in the palette. */
export interface Place {
  readonly to: NonNullable<LinkProps['to']>;
  readonly text: string;
  readonly letter: string;
  /** Only administrators can read it. */
  readonly forAdmins?: true;
}

export const PLACES: readonly Place[] = [
  { to: '/', text: shell.applications, letter: 'a' },
  { to: '/applications/new', text: shell.newApplication, letter: 'n' },
  { to: '/people', text: shell.people, letter: 'p' },
  { to: '/machine-users', text: shell.machineUsers, letter: 'm' },
  { to: '/audit-log', text: shell.auditLog, letter: 'l', forAdmins: true },
  { to: '/runners', text: shell.runners, letter: 'r', forAdmins: true },
  { to: '/images', text: shell.images, letter: 't', forAdmins: true },
  { to: '/system', text: shell.system, letter: 'h', forAdmins: true },
  { to: '/import', text: shell.importExisting, letter: 'x' },
  { to: '/account', text: shell.account, letter: 'u' },
];

/** The parts of an application, for one whose page is shown. */
export const APPLICATION_PLACES: readonly Place[] = [
  { to: '/applications/$app', text: application.overview, letter: 'o' },
  { to: '/applications/$app/commits', text: application.commits, letter: 'c' },
  { to: '/applications/$app/builds', text: application.builds, letter: 'b' },
  { to: '/applications/$app/deployments', text: application.deployments, letter: 'd' },
  { to: '/applications/$app/variables', text: application.variables, letter: 'v' },
  { to: '/applications/$app/domains', text: application.domains, letter: 'w' },
  { to: '/applications/$app/images', text: application.images, letter: 'k' },
  { to: '/applications/$app/insights', text: application.insights, letter: 'i' },
  { to: '/applications/$app/settings', text: application.settings, letter: 's' },
];
