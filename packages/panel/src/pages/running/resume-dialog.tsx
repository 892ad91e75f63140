import type { EnvironmentLine } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { running as text } from '../../text/running.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl, useShowDeployment } from './use-control.ts';

/** Asks before a hold is lifted, for the candidate goes live at once. */
export function ResumeDialog({
  environment,
  onClose,
}: {
  environment: EnvironmentLine;
  onClose: () => void;
}) {
  const say = useToast();
  const show = useShowDeployment();
  const control = useControl(
    () => api.environments.resume(environment.uuid),
    ({ deployment }) => {
      onClose();
      if (deployment === null) say(text.resumed);
      else show(deployment.uuid);
    },
  );
  return (
    <Confirm
      title={text.resumeTitle(environment.slug)}
      action={text.resume}
      busy={control.isPending}
      error={<ErrorNote error={control.error} />}
      onConfirm={() => control.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.resumeText}</p>
    </Confirm>
  );
}
