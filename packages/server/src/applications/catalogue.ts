/**
 * What Divio's clients ask for before they create an application. A self-hosted installation is one region
 * with one plan; the ids are fixed so that scripts may keep them.
 */
export const REGION = { uuid: 'region-self-hosted', name: 'This installation' } as const;

export const PLAN_GROUP = {
  uuid: 'plan-self-hosted',
  name: 'Self-hosted',
  regions: [REGION.uuid],
} as const;

/** Says what is wrong with a chosen region, plan or template; null: nothing, or none was chosen. */
export const CATALOGUE_CHECKS = {
  region: (uuid: string): string | null =>
    uuid === REGION.uuid ? null : 'There is no such region.',
  plan_group: (uuid: string): string | null =>
    uuid === PLAN_GROUP.uuid ? null : 'There is no such plan group.',
  app_template: (_uuid: string): string | null => 'There is no such app template.',
};
