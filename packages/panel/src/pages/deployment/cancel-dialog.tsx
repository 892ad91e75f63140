import type { Deployment } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { running as text } from '../../text/running.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Asks before a deployment is stopped; past its switch the server refuses and says so. */
export function CancelDialog({
  deployment,
  onClose,
}: {
  deployment: Deployment;
  onClose: () => void;
}) {
  const say = useToast();
  const control = useControl(
    () => api.deployments.cancel(deployment.uuid),
    () => {
      onClose();
      say(text.cancelled);
    },
  );
  return (
    <Confirm
      title={`${text.cancelDeployment}?`}
      action={text.cancelDeployment}
      busy={control.isPending}
      error={<ErrorNote error={control.error} />}
      onConfirm={() => control.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.cancelText}</p>
    </Confirm>
  );
}
