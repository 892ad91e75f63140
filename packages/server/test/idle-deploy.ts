import type { DeployDoor } from '../src/http/index.ts';

export const idleDeploy = async (): Promise<DeployDoor> => ({
  list: async () => ({ count: 0, deployments: [] }),
  environmentState: async () => ({ liveDeploymentUuid: null, liveCommit: null, hold: null }),
  get: async () => null,
  releases: async () => [],
  applicationLog: async () => ({ entries: [], cursor: '0-0' }),
  variablesOf: async () => [],
  log: (uuid) => `deployment-${uuid}`,
  why: async (_a, commit) => ({ commit, build: null, environments: [], events: [] }),
  signal: async () => Promise.reject(new Error('idle')),
  cancel: async () => Promise.reject(new Error('idle')),
  rollback: async () => Promise.reject(new Error('idle')),
  resume: async () => null,
});
