import type { Proposal, Starter } from '@sluice/contract';
import type { Installation } from '@sluice/runner';
import type { Git } from '../git/index.ts';
import type { Secrets } from '../secrets/index.ts';
import { createProject, tellingPaths } from './project.ts';
import { propose } from './propose.ts';
import { createStarters } from './starters.ts';
import { secureValues } from './travis/check.ts';

/** The application that a proposal is for. */
export interface ProposedFor {
  readonly websiteId: number;
  readonly repositoryUuid: string;
}

export interface Onboarding {
  /**
   * From texts alone. `mayDecrypt`: whoever asks could let a job read the repository's secrets anyway. To anybody else it
   * is not told which texts its key opens: asked often enough, that alone deciphers a value (Bleichenbacher).
   */
  ofTexts(
    texts: ReadonlyMap<string, string>,
    of: ProposedFor | null,
    mayDecrypt: boolean,
  ): Promise<Proposal>;
  /** From the head of a branch of the application's repository; without one, from nothing. */
  ofBranch(of: ProposedFor, branch: string | null): Promise<Proposal>;
  readonly starters: {
    list(): Starter[];
    files(id: string): Promise<Map<string, string>>;
  };
}

export interface OnboardingDeps {
  readonly git: Pick<Git, 'history' | 'listFiles' | 'readFiles'>;
  readonly secrets: Pick<Secrets, 'decrypt'>;
  /** Toolchains of the machine that runs jobs; null: jobs do not run on this machine. */
  readonly installations: () => Promise<readonly Installation[] | null>;
  readonly examplesDirectory: string;
}

const MOST_SECRETS = 100;

/** The room that looks at code before it is an application: here is what reads; what decides is in its other files. */
export function createOnboarding(deps: OnboardingDeps): Onboarding {
  const { git, secrets, installations } = deps;

  /** Which of the file's encrypted values the repository's key opens; null without an application. */
  const readableOf = async (
    text: string | undefined,
    of: ProposedFor | null,
  ): Promise<ReadonlySet<string> | null> => {
    if (of === null) return null;
    const readable = new Set<string>();
    for (const { ciphertext } of secureValues(text ?? '').slice(0, MOST_SECRETS)) {
      const plain = await secrets.decrypt(of.repositoryUuid, ciphertext);
      if (plain !== null) readable.add(ciphertext);
    }
    return readable;
  };

  const judge = async (
    paths: readonly string[],
    texts: ReadonlyMap<string, string>,
    of: ProposedFor | null,
    at: { branch: string | null; head: string | null },
    // What stands on a branch was put there by somebody who may push.
    mayDecrypt = true,
  ): Promise<Proposal> =>
    propose(createProject(paths, texts), {
      ...at,
      websiteId: of?.websiteId ?? null,
      installations: await installations(),
      readable: mayDecrypt ? await readableOf(texts.get('.travis.yml'), of) : null,
    });

  return {
    ofTexts: (texts, of, mayDecrypt) =>
      judge([], texts, of, { branch: null, head: null }, mayDecrypt),
    ofBranch: async (of, branch) => {
      const head = branch === null ? null : await git.history(of.repositoryUuid).head(branch);
      if (head === null) return judge([], new Map(), of, { branch, head });
      const files = await git.listFiles(of.repositoryUuid, head);
      const paths = files.map(({ path }) => path);
      const texts = await git.readFiles(of.repositoryUuid, head, tellingPaths(paths));
      return judge(paths, texts, of, { branch, head });
    },
    starters: createStarters(deps.examplesDirectory),
  };
}
