import type { Applications } from '../applications/index.ts';
import type { Backing } from '../deploy/runtimes/backing.ts';
import type { Secrets } from '../secrets/index.ts';
import type { Store } from '../store/index.ts';
import type { KindName } from './types.ts';

export interface ServicesOptions {
  readonly store: Store;
  readonly secrets: Pick<Secrets, 'seal' | 'open'>;
  readonly applications: Pick<Applications, 'get' | 'environment' | 'configurationChanged'>;
  /** Null: the runtime has no place for services. */
  readonly backing: Backing | null;
  readonly settings: ServicesSettings;
  readonly onError: (error: unknown, doing: string) => void;
  readonly now?: () => Date;
}

export interface ServicesSettings {
  /** Of new instances; kinds without a program have none. */
  readonly images: Readonly<Partial<Record<KindName, string>>>;
  /** How long a deployment waits until a service answers. */
  readonly readyMs: number;
  /** How long the data of a removed service are kept. */
  readonly graceDays: number;
}

/** What every file of the room is given. */
export interface ServicesContext extends Omit<ServicesOptions, 'now'> {
  readonly now: () => Date;
}
