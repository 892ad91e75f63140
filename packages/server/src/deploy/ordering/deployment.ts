import type { Deployment } from './types.ts';

type Given = Pick<Deployment, 'number' | 'target' | 'sha' | 'mode' | 'configVersion'> &
  Pick<Deployment, 'acceptedAt' | 'by' | 'rule'>;

/** A deployment as it is accepted: nothing known, nothing happened yet. */
export function newDeployment(given: Given, also: Partial<Deployment> = {}): Deployment {
  return {
    headSignal: false,
    allowOffBranch: false,
    overrideHold: false,
    explicit: false,
    rollbackRelease: null,
    status: 'AWAITING_COMMIT',
    presentSince: null,
    seenOnBranch: false,
    offBranchSince: null,
    fetchAttempts: 0,
    nextFetchAt: null,
    supersededBy: null,
    cancelRequestedBy: null,
    switched: false,
    releaseUuid: null,
    endedAt: null,
    success: null,
    reasonCode: null,
    reason: null,
    ...given,
    ...also,
  };
}
