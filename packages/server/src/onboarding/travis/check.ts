import type { Installation } from '@sluice/runner';
import { ConfigError, describe, findSecureValues, lint, readConfig } from '@sluice/travis-config';
import { type Finding, finding, type Proposal } from '../types.ts';
import { featureFindings, foreignProviders } from './features.ts';
import { machineFindings } from './machine.ts';
import type { ReadTravis } from './place.ts';

export interface TravisFacts {
  /** Of the machine that runs jobs; null: not known. */
  readonly installations: readonly Installation[] | null;
  /** Cipher texts that the application's key opens; null: it is not known which application this is for. */
  readonly readable: ReadonlySet<string> | null;
}

export interface TravisCheck {
  /** Null when there can be no build with it; the findings say why. */
  readonly read: ReadTravis | null;
  readonly messages: Proposal['messages'];
  readonly findings: Finding[];
  /** Deploy providers that are not here. */
  readonly foreign: readonly string[];
}

/** An existing `.travis.yml`: what it says, and what of it works, differs or is missing here. */
export function checkTravis(text: string, facts: TravisFacts): TravisCheck {
  const checked = lint(text);
  const messages = checked.messages.map((message) => ({ ...message, text: describe(message) }));
  const result = readConfig(text);
  if (!result.ok || checked.error !== undefined) {
    const error = result.ok ? checked.error : result.error;
    const detail = `No build can be made of it: ${error?.message ?? 'it cannot be read'}`;
    const place = { file: '.travis.yml', line: error?.line ?? 1 };
    const findings = [finding('missing', '.travis.yml', detail, 'Correct it first.', place)];
    return { read: null, messages, findings, foreign: [] };
  }
  const read: ReadTravis = { text, config: result.config, positions: result.positions };
  return {
    read,
    messages,
    findings: [
      ...machineFindings(read, facts.installations),
      ...featureFindings(read),
      ...secretFindings(text, facts.readable),
      ...importFindings(read),
      settingsFinding,
    ],
    foreign: foreignProviders(read),
  };
}

/** Values encrypted for another service's key. What cannot be opened is left out of a job without a word. */
function secretFindings(text: string, readable: ReadonlySet<string> | null): Finding[] {
  return secureValues(text).flatMap(({ key, ciphertext, line }) => {
    if (readable?.has(ciphertext)) return [];
    const detail =
      readable === null
        ? 'An encrypted value is for one key: made for another service or repository, it cannot be read here, and a job runs without it.'
        : 'It was encrypted with the key of another service or repository, and cannot be read here: a job runs without it.';
    const advice =
      'Encrypt the value again: sluice encrypt NAME=value --add, or on the settings page of the application.';
    return [finding('missing', `secure: ${key}`, detail, advice, { file: '.travis.yml', line })];
  });
}

/** None where the file cannot be edited as YAML, though a build may still be made of it. */
export function secureValues(text: string): ReturnType<typeof findSecureValues> {
  try {
    return findSecureValues(text);
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}

function importFindings(read: ReadTravis): Finding[] {
  return (read.config.import ?? [])
    .filter(({ source }) => source.includes(':'))
    .map(({ source }, index) =>
      finding(
        'differs',
        `import: ${source}`,
        'The repository is looked for on this server; what is not here makes the build errored.',
        'Push that repository here too, or copy the file.',
        {
          file: '.travis.yml',
          line: read.positions.get(`import.${index}.source`)?.line ?? null,
        },
      ),
    );
}

const settingsFinding = finding(
  'differs',
  'settings of the repository',
  'Variables, cron jobs and limits that were set on the pages of Travis CI are not in this file.',
  'Set variables for builds on the settings page of the application.',
);
