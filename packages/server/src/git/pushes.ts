import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Receipt } from './changes.ts';
import { judgePush } from './push-policy.ts';
import type {
  GitPolicies,
  HookRequest,
  PostReceiveAnswer,
  PreReceiveAnswer,
  Repository,
} from './types.ts';

/** A push between its HTTP request and the end of its hooks. */
export interface PushInFlight {
  readonly repositoryUuid: string;
  readonly pusherUuid: string;
  readonly canForce: boolean;
}

export interface PushesDeps {
  readonly get: (repositoryUuid: string) => Promise<Repository | null>;
  /** Records pushes and answers their ids; null = whatever differs on disk. */
  readonly record: (
    repositoryUuid: string,
    receipts: readonly Receipt[] | null,
  ) => Promise<number[]>;
  readonly policies: Pick<GitPolicies, 'protectedBranches' | 'describePush'>;
  readonly onError: (error: unknown, context: string) => void;
  readonly describeTimeoutMs: number;
}

/**
 * Answers the hooks. They name their push by a token that only this process and the git processes of that push know:
 * who it is and what they may do never travels through the hook.
 */
export function createPushes({ get, record, policies, onError, describeTimeoutMs }: PushesDeps) {
  const inFlight = new Map<string, PushInFlight>();

  const known = (request: HookRequest): PushInFlight | null => {
    const push = inFlight.get(request.token);
    return push?.repositoryUuid === request.repositoryUuid ? push : null;
  };

  const describe = async (pushIds: readonly number[]): Promise<readonly string[]> => {
    const tooLate = new AbortController();
    try {
      return await Promise.race([
        policies.describePush(pushIds),
        pause(describeTimeoutMs, [], { signal: tooLate.signal }),
      ]);
    } finally {
      tooLate.abort();
    }
  };

  return {
    begin: (push: PushInFlight): string => {
      const token = randomUUID();
      inFlight.set(token, push);
      return token;
    },
    end: (token: string): void => {
      inFlight.delete(token);
    },
    isBusy: (repositoryUuid: string): boolean =>
      [...inFlight.values()].some((push) => push.repositoryUuid === repositoryUuid),

    preReceive: async (request: HookRequest): Promise<PreReceiveAnswer> => {
      const push = known(request);
      const repository = push === null ? null : await get(push.repositoryUuid);
      if (push === null || repository === null) {
        return { accepted: false, lines: ['Sluice was restarted during the push; push again'] };
      }
      const protectedBranches = [
        ...(repository.defaultBranch === null ? [] : [repository.defaultBranch]),
        ...(await policies.protectedBranches(repository.uuid)),
      ];
      const lines = judgePush(request.updates, {
        canForce: push.canForce,
        saysForce: request.options.includes('force'),
        protectedBranches,
      });
      return { accepted: lines.length === 0, lines };
    },

    /** The push stands already: whatever goes wrong becomes a line, never an error. */
    postReceive: async (request: HookRequest): Promise<PostReceiveAnswer> => {
      const push = known(request);
      try {
        // A report without a known push (the server was restarted meanwhile) is only a reason to look at the disk.
        const receipts =
          push === null
            ? null
            : request.updates
                .filter(({ ref }) => /^refs\/(heads|tags)\//.test(ref))
                .map(({ ref, before, after }) => ({
                  ...{ ref, before, after },
                  pusherUuid: push.pusherUuid,
                }));
        const pushIds = await record(request.repositoryUuid, receipts);
        return { lines: pushIds.length === 0 ? [] : await describe(pushIds) };
      } catch (error) {
        onError(error, `recording a push to ${request.repositoryUuid}`);
        return { lines: ['The push is received; Sluice will look at it shortly.'] };
      }
    },
  };
}

export type Pushes = ReturnType<typeof createPushes>;
