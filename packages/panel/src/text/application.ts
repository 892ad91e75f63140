export const application = {
  applications: 'Applications',
  parts: 'Parts of the application',
  websiteId: (id: number) => `Website id ${id}`,
  overview: 'Overview',
  commits: 'Commits',
  pulls: 'Pull requests',
  builds: 'Builds',
  deployments: 'Deployments',
  variables: 'Variables',
  domains: 'Domains',
  insights: 'Insights',
  settings: 'Settings',
} as const;
