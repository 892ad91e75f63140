import { texts } from '../config.ts';

/** Commands that make a deployment, each run in a shell of its own until one fails. */
export type Provider = (option: (name: string) => unknown) => string[];

/** What can be deployed with. A known name that is not here counts as failed (spec/travis.md 7.4). */
export const PROVIDERS: Record<string, Provider | undefined> = {
  script: (option) => texts(option('script')),
};
