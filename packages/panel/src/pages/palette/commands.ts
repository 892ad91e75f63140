import type { ApplicationLine, EnvironmentLine } from '@sluice/contract';
import { applicationKey } from '../../api/overview.ts';
import { APPLICATION_PLACES, PLACES } from '../../shell/places.ts';
import type { Theme } from '../../shell/theme.ts';
import { palette as text } from '../../text/palette.ts';
import { shell } from '../../text/shell.ts';
import { score } from './score.ts';

/** What choosing an entry does. */
export type Choice =
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'deploy'; readonly environment: EnvironmentLine }
  | { readonly kind: 'theme'; readonly theme: Theme }
  | { readonly kind: 'shortcuts' }
  | { readonly kind: 'signOut' };

export interface Command {
  /** Unique over all groups. */
  readonly id: string;
  readonly title: string;
  readonly detail?: string;
  readonly choice: Choice;
}

export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly Command[];
}

const MOST_OF_A_GROUP = 6;
const THEMES: readonly Theme[] = ['light', 'dark', 'system'];

const go = (path: string): Choice => ({ kind: 'go', path });

function best(commands: readonly Command[], wanted: string): Command[] {
  return commands
    .map((command) => ({ command, worth: score(command.title, wanted) }))
    .filter(({ worth }) => worth > 0)
    .sort((a, b) => b.worth - a.worth)
    .slice(0, MOST_OF_A_GROUP)
    .map(({ command }) => command);
}

/** What the panel itself knows, by what is typed; without a text the pages and applications. */
export function commandGroups(
  applications: readonly ApplicationLine[],
  wanted: string,
  {
    isAdmin,
    mayDeploy,
  }: { isAdmin: boolean; mayDeploy: (application: ApplicationLine) => boolean },
): CommandGroup[] {
  const isAsked = wanted.trim() !== '';
  const pages = PLACES.filter(({ forAdmins }) => isAdmin || forAdmins !== true).map(
    ({ to, text: title }): Command => ({ id: `page ${to}`, title, choice: go(to) }),
  );
  const named = applications.map(
    (one): Command => ({
      id: `application ${one.uuid}`,
      title: one.name,
      choice: go(`/applications/${applicationKey(one)}`),
    }),
  );
  const environments = applications.flatMap((one) =>
    one.environments.map(
      (environment): Command => ({
        id: `environment ${environment.uuid}`,
        title: text.environment(one.name, environment.slug),
        detail: environment.summary,
        choice: go(
          `/applications/${applicationKey(one)}/environments/${encodeURIComponent(environment.slug)}`,
        ),
      }),
    ),
  );
  const parts = applications.flatMap((one) =>
    APPLICATION_PLACES.slice(1).map(
      ({ to, text: part }): Command => ({
        id: `part ${one.uuid} ${to}`,
        title: text.part(one.name, part),
        choice: go(to.replace('$app', applicationKey(one))),
      }),
    ),
  );
  const services = applications.flatMap((one) =>
    one.environments.map(
      (environment): Command => ({
        id: `services ${environment.uuid}`,
        title: text.services(one.name, environment.slug),
        choice: go(
          `/applications/${applicationKey(one)}/environments/${encodeURIComponent(environment.slug)}/services`,
        ),
      }),
    ),
  );
  const deploys = applications.filter(mayDeploy).flatMap((one) =>
    one.environments.map(
      (environment): Command => ({
        id: `deploy ${environment.uuid}`,
        title: text.deploy(one.name, environment.slug),
        detail: environment.branch,
        choice: { kind: 'deploy', environment },
      }),
    ),
  );
  const general: Command[] = [
    ...THEMES.map(
      (theme): Command => ({
        id: `theme ${theme}`,
        title: text.theme(shell.themes[theme]),
        choice: { kind: 'theme', theme },
      }),
    ),
    { id: 'shortcuts', title: text.shortcuts, choice: { kind: 'shortcuts' } },
    { id: 'sign-out', title: text.signOut, choice: { kind: 'signOut' } },
  ];
  const groups = isAsked
    ? [
        { heading: text.applications, commands: best(named, wanted) },
        { heading: text.environments, commands: best(environments, wanted) },
        { heading: text.commands, commands: best([...deploys, ...general], wanted) },
        { heading: text.pages, commands: best([...pages, ...parts, ...services], wanted) },
      ]
    : [
        { heading: text.applications, commands: named.slice(0, MOST_OF_A_GROUP) },
        { heading: text.pages, commands: pages },
        { heading: text.commands, commands: general },
      ];
  return groups.filter(({ commands }) => commands.length > 0);
}
