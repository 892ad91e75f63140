import type { ListOf } from '../common.ts';
import type {
  CommitMade,
  CommitRequest,
  Proposal,
  ProposalRequest,
  Starter,
} from '../onboarding.ts';
import { type Send, segment } from './transport.ts';

export function createOnboardingClient(send: Send) {
  const proposals = {
    ofTexts: (body: ProposalRequest) => send<Proposal>('POST', '/apps/v3/proposals/', { body }),
    /** Of the head of a branch; without one, of the default branch. */
    ofApplication: (uuid: string, branch?: string) =>
      send<Proposal>('GET', `/apps/v3/applications/${segment(uuid)}/proposal/`, {
        query: { branch },
      }),
    starters: () => send<ListOf<Starter>>('GET', '/apps/v3/starters/'),
    /** Goes the way of a push. */
    commit: (uuid: string, body: CommitRequest) =>
      send<CommitMade>('POST', `/apps/v3/applications/${segment(uuid)}/commits/`, { body }),
  };
  return { proposals };
}
