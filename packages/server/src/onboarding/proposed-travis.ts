import type { Installation } from '@sluice/runner';
import { putDeploy } from '@sluice/travis-config';
import type { AppJson } from './heroku/app-json.ts';
import type { TravisCheck } from './travis/check.ts';
import {
  type DeployForm,
  NO_SURROUNDINGS,
  SLUICE_ENTRY,
  tokenCommands,
  travisText,
} from './travis-text.ts';
import type { Detection, ProposedFile } from './types.ts';

export interface ProposalFacts {
  readonly branch: string | null;
  readonly head: string | null;
  /** Of the application that it is for; null: not known, and no way that needs it is offered. */
  readonly websiteId: number | null;
  readonly installations: readonly Installation[] | null;
  readonly readable: ReadonlySet<string> | null;
}

const TOKEN_TITLE = 'With a token in after_success';
const TOKEN_REASON =
  'The same file deploys from Travis CI too. The token of a machine user stands in it, encrypted for this repository alone.';
const PROVIDER_REASON =
  'After a passed test the job deploys the very commit that it tested to "test". No token is needed: a job may deploy its own commit and nothing else.';

/** A `.travis.yml` for a project without one; none where nothing tells what to run. */
export function newTravis(
  chosen: Detection | null,
  heroku: AppJson | null,
  facts: ProposalFacts,
): ProposedFile[] {
  if (chosen === null) return [];
  const surroundings = heroku?.surroundings ?? NO_SURROUNDINGS;
  const text = (form: DeployForm) => travisText(chosen, form, surroundings);
  const { versions } = chosen;
  const why = [
    surroundings.script.length > 0 ? 'app.json names the test.' : chosen.scriptReason,
    versions === null ? null : `${versions.from} asks for ${versions.key} ${versions.value}.`,
    PROVIDER_REASON,
  ];
  return [
    {
      path: '.travis.yml',
      text: text({ kind: 'provider' }),
      reason: why.filter((sentence) => sentence !== null).join(' '),
      exists: false,
      alternative:
        facts.websiteId === null
          ? null
          : {
              title: TOKEN_TITLE,
              text: text({ kind: 'token', websiteId: facts.websiteId }),
              reason: TOKEN_REASON,
              needs_token: true,
            },
    },
  ];
}

/** Pasted without the code: the buildpack alone tells the language, and app.json may tell the test. */
export function fromHeroku(heroku: AppJson | null): Detection | null {
  if (heroku === null || heroku.language === null) return null;
  const { language } = heroku;
  const script = { python: 'python -m compileall -q .', node_js: 'npm test' }[language];
  return {
    ...{ language, evidence: 'app.json', versions: null, install: [], processes: null, files: [] },
    script: [script ?? 'true'],
    scriptReason: 'app.json names the language but no test; put the test of the project here.',
    findings: [],
  };
}

/** An existing file keeps what it says; it only learns to deploy here. */
export function changedTravis(
  text: string,
  checked: TravisCheck,
  facts: ProposalFacts,
): ProposedFile[] {
  const { read, foreign } = checked;
  if (read === null) return [];
  const providers = (read.config.deploy ?? []).map(({ provider }) => provider);
  const commands = [...(read.config.after_success ?? []), ...(read.config.after_deploy ?? [])];
  const asks =
    providers.includes('sluice') ||
    commands.some((command) => /\b(sluice|divio)\s+app\s+deploy\b/.test(command));
  if (asks && foreign.length === 0) return [];
  const gone = new Set(foreign);
  const replaced = [...gone].join(', ');
  const reason =
    gone.size === 0
      ? PROVIDER_REASON
      : asks
        ? `${replaced} is not here and would make the job errored; without it the file deploys as it says.`
        : `${PROVIDER_REASON} It takes the place of ${replaced}, which would make the job errored here.`;
  const changed = putDeploy(text, asks ? null : SLUICE_ENTRY, (provider) =>
    gone.has(provider.replaceAll(/[-_\s]/g, '')),
  );
  // Entries inside of jobs.include are for a person to take out.
  if (changed === putDeploy(text, null, () => false)) return [];
  const { websiteId } = facts;
  return [
    {
      ...{ path: '.travis.yml', text: changed, reason, exists: true },
      alternative:
        websiteId === null || read.config.after_success !== undefined || gone.size > 0
          ? null
          : {
              title: TOKEN_TITLE,
              text: `${text.replace(/\n*$/, '\n')}after_success:\n${tokenCommands(websiteId)
                .map((command) => `  - ${command}\n`)
                .join('')}`,
              reason: TOKEN_REASON,
              needs_token: true,
            },
    },
  ];
}
