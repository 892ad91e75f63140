import type { RunnerView } from '@sluice/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { runnersText as text } from '../../text/runners.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';

/** What may be done with a runner; nothing with the one inside the server, which its settings rule. */
export function RunnerActions({ runner }: { runner: RunnerView }) {
  const { uuid, name, jobs } = runner;
  const isPaused = runner.paused_by !== null;
  const [isRemoving, setRemoving] = useState(false);
  const say = useToast();
  const queryClient = useQueryClient();
  const readAgain = () => queryClient.invalidateQueries({ queryKey: keys.system('runners') });
  const turn = useMutation({
    mutationFn: () => (isPaused ? api.runners.resume(uuid) : api.runners.pause(uuid)),
    onSuccess: async () => {
      say(isPaused ? text.resumed(name) : text.paused(name));
      await readAgain();
    },
  });
  const remove = useMutation({
    mutationFn: () => api.runners.remove(uuid),
    onSuccess: async () => {
      say(text.removed(name));
      setRemoving(false);
      await readAgain();
    },
  });
  if (runner.embedded) return null;
  return (
    <div className="flex flex-wrap gap-2">
      <Button
        aria-label={isPaused ? text.resumeOf(name) : text.pauseOf(name)}
        busy={turn.isPending}
        onClick={() => turn.mutate()}
      >
        {isPaused ? text.resume : text.pause}
      </Button>
      <Button kind="danger" aria-label={text.removeOf(name)} onClick={() => setRemoving(true)}>
        {text.remove}
      </Button>
      <ErrorNote error={turn.error} />
      {isRemoving && (
        <Confirm
          title={text.removeTitle(name)}
          name={name}
          action={text.remove}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate()}
          onClose={() => setRemoving(false)}
        >
          <p>{text.removeText(jobs.length)}</p>
        </Confirm>
      )}
    </div>
  );
}
