import { stringify } from 'yaml';
import type { Detection } from './types.ts';

/** How a job asks for the deployment: by its own lease, or with a machine user's token. */
export type DeployForm =
  | { readonly kind: 'provider' }
  | { readonly kind: 'token'; readonly websiteId: number };

/** The `deploy` entry that needs no token: the job may deploy the commit that it tested. */
export const SLUICE_ENTRY = { provider: 'sluice', environment: 'test' };

/** Commands for whoever signals with a token, as they do from Travis CI. */
export const tokenCommands = (websiteId: number): string[] => [
  'sluice login $TOKEN',
  `sluice app deploy test --remote-id ${websiteId}`,
];

/** What a test needs besides, from `app.json`. */
export interface TestSurroundings {
  readonly env: Readonly<Record<string, string>>;
  readonly beforeScript: readonly string[];
  /** Instead of what the language says. */
  readonly script: readonly string[];
}

export const NO_SURROUNDINGS: TestSurroundings = { env: {}, beforeScript: [], script: [] };

/** The text of a `.travis.yml` for what was found. */
export function travisText(
  detection: Detection,
  form: DeployForm,
  surroundings: TestSurroundings = NO_SURROUNDINGS,
): string {
  const { language, versions, install } = detection;
  const script = surroundings.script.length > 0 ? surroundings.script : detection.script;
  const global = Object.entries(surroundings.env).map(([name, value]) => ({ [name]: value }));
  return stringify(
    {
      language,
      ...(versions === null ? {} : { [versions.key]: [versions.value] }),
      ...(global.length === 0 ? {} : { env: { global } }),
      ...(install.length === 0 ? {} : { install: oneOrMore(install) }),
      ...(surroundings.beforeScript.length === 0
        ? {}
        : { before_script: oneOrMore(surroundings.beforeScript) }),
      script: oneOrMore(script),
      ...(form.kind === 'provider'
        ? { deploy: SLUICE_ENTRY }
        : { after_success: tokenCommands(form.websiteId) }),
    },
    { lineWidth: 0 },
  );
}

const oneOrMore = (commands: readonly string[]): string | readonly string[] =>
  commands.length === 1 ? (commands[0] ?? '') : commands;

export function procfileText(commands: readonly (readonly [string, string])[]): string {
  return commands.map(([type, command]) => `${type}: ${command}\n`).join('');
}
