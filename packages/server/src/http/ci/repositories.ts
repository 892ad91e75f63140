import type { CiRepository } from '../../ci/index.ts';

/** What the CI routes need of the git and secrets rooms. */
export interface CiRepositories {
  get(repositoryUuid: string): Promise<CiRepository | null>;
  list(): Promise<readonly CiRepository[]>;
  /** The switch that turns CI on. */
  setEnabled(repositoryUuid: string, enabled: boolean): Promise<void>;
  publicKey(repositoryUuid: string): Promise<{ pem: string; fingerprint: string }>;
}
