import type { MergeMethod, PullRequest, PullRequestPatch } from '@sluice/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { pulls as text } from '../../text/pulls.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';

const METHODS: readonly MergeMethod[] = ['merge', 'squash', 'rebase'];

/** What can be done with a pull request as it stands. Merging names the head that was looked at. */
export function Actions({ pull }: { pull: PullRequest }) {
  const client = useQueryClient();
  const say = useToast();
  const [chosen, setChosen] = useState<MergeMethod | null>(null);
  const isHosted = pull.provider === 'sluice';
  const settings = useQuery({
    queryKey: keys.application(pull.application, 'pull-settings'),
    queryFn: () => api.pullRequests.settings(pull.application),
    enabled: isHosted && pull.state === 'open',
  });
  const method = chosen ?? settings.data?.merge_method ?? 'merge';
  const act = useMutation({
    mutationFn: ({ work }: { work: () => Promise<PullRequest>; said: string }) => work(),
    onSuccess: (_after, { said }) => say(said),
    onSettled: () => client.invalidateQueries({ queryKey: keys.application(pull.application) }),
  });
  const { uuid } = pull;
  const merge = (whenGreen: boolean) =>
    act.mutate({
      said: whenGreen ? text.wished : text.merged,
      work: () =>
        api.pullRequests.merge(uuid, {
          ...{ method, head: pull.head.sha },
          ...(whenGreen ? { when_green: true } : {}),
        }),
    });
  const change = (to: PullRequestPatch, said: string) =>
    act.mutate({ said, work: () => api.pullRequests.update(uuid, to) });
  const isBuilding = ['requested', 'unfinished'].includes(pull.build?.state ?? '');
  // Where settings let a build with an older base be enough, merging is offered as it is.
  const isOvertaken =
    pull.base_moved &&
    settings.data?.require_current !== false &&
    settings.data?.require_green !== 'off';
  const waits = isBuilding || isOvertaken;
  const isMergeable = pull.mergeability === 'clean' && !pull.draft;

  return (
    <div className="flex flex-wrap items-end gap-2">
      {pull.build?.state === 'awaiting_approval' && (
        <Button
          kind="primary"
          busy={act.isPending}
          onClick={() =>
            act.mutate({ said: text.approved, work: () => api.pullRequests.approve(uuid) })
          }
        >
          {text.approve}
        </Button>
      )}
      {pull.base_moved && !isBuilding && (
        <Button
          busy={act.isPending}
          onClick={() =>
            act.mutate({ said: text.testing, work: () => api.pullRequests.testAgain(uuid) })
          }
        >
          {text.testAgain}
        </Button>
      )}
      {isHosted && pull.state === 'open' && (
        <>
          <SelectField
            label={text.method}
            value={method}
            onChange={(value) => setChosen(METHODS.find((one) => one === value) ?? null)}
          >
            {METHODS.map((one) => (
              <option key={one} value={one}>
                {text.methods[one]}
              </option>
            ))}
          </SelectField>
          <Button
            kind="primary"
            busy={act.isPending}
            disabled={!isMergeable}
            onClick={() => merge(waits)}
          >
            {isBuilding ? text.whenGreen : isOvertaken ? text.testThenMerge : text.mergeNow}
          </Button>
          {pull.draft && (
            <Button busy={act.isPending} onClick={() => change({ draft: false }, text.isReady)}>
              {text.ready}
            </Button>
          )}
          <Button busy={act.isPending} onClick={() => change({ state: 'closed' }, text.closed)}>
            {text.close}
          </Button>
        </>
      )}
      {isHosted && pull.state === 'closed' && (
        <Button busy={act.isPending} onClick={() => change({ state: 'open' }, text.reopened)}>
          {text.reopen}
        </Button>
      )}
      <ErrorNote error={act.error} />
    </div>
  );
}
