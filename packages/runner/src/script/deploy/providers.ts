import { flag, text, texts } from '../config.ts';
import { quote } from '../shell.ts';

/** The value of an option of the deploy entry, for this branch. */
export type Option = (name: string) => unknown;

/** What a provider does, in order, until something fails. */
export type Act =
  /** A command, in a shell of its own: what it changes in directory and environment does not come back. */
  | { kind: 'command'; text: string }
  /** A statement of the job's own shell that sets `__sluice_code` where it fails. */
  | { kind: 'statement'; shown: string; statement: string }
  | { kind: 'notice'; text: string };

type Provider = (option: Option) => Act[];

/** What can be deployed with. A known name that is not here counts as failed (spec/travis.md 7.4). */
export const PROVIDERS: Readonly<Record<string, Provider | undefined>> = {
  script: (option) => texts(option('script')).map((line) => ({ kind: 'command', text: line })),
  sluice,
};

/**
 * A signal for the commit that was just tested. It carries no token and no commit: the runner sends it on the strength of the
 * job's lease, and the server knows which commit the job tested.
 */
function sluice(option: Option): Act[] {
  const application = text(option('app')) ?? text(option('application'));
  const environment = text(option('environment')) ?? 'test';
  const wish = JSON.stringify({ application, environment });
  const acts: Act[] = [
    {
      kind: 'statement',
      shown: `sluice app deploy ${quote(environment)}${application === null ? '' : ` --remote-id ${quote(application)}`} --commit "$TRAVIS_COMMIT"`,
      statement: `__sluice_deploy ${quote(wish)}`,
    },
  ];
  if (flag(option('wait'), false)) {
    const why =
      'The job does not wait for the deployment, which may wait for this very build: its outcome is shown beside the build.';
    acts.push({ kind: 'notice', text: why });
  }
  return acts;
}
