export const WAYS = ['example', 'push', 'connect', 'import'] as const;
export type Way = (typeof WAYS)[number];

/** Where the wizard stands, kept in the address: a reload, or a link from an empty application, goes on there. */
export interface WizardSearch {
  /** The application, as addresses name it; absent: it is not made yet. */
  readonly app?: string;
  readonly way?: Way;
  /** The commit that is watched. */
  readonly commit?: string;
}

export function wizardSearch(search: Record<string, unknown>): WizardSearch {
  const { app, way, commit } = search;
  return {
    ...(typeof app === 'string' ? { app } : {}),
    ...(typeof way === 'string' && isWay(way) ? { way } : {}),
    ...(typeof commit === 'string' ? { commit } : {}),
  };
}

const isWay = (text: string): text is Way => (WAYS as readonly string[]).includes(text);
