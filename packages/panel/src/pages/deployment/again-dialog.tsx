import type { EnvironmentLine } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { running as text } from '../../text/running.ts';
import { shortSha } from '../../ui/commit.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useControl, useShowDeployment } from '../running/use-control.ts';

/** Asks for the same commit again; one that is live is built anew, or the answer would only be that it is live. */
export function AgainDialog({
  environment,
  commit,
  onClose,
}: {
  environment: EnvironmentLine;
  commit: string;
  onClose: () => void;
}) {
  const show = useShowDeployment();
  const isLive = environment.live?.commit.sha === commit;
  const control = useControl(
    () =>
      api.deployments.create({
        environment: environment.uuid,
        commit,
        build_mode: isLive ? 'FORCE' : 'AUTO',
        override_hold: environment.hold !== null,
      }),
    (deployment) => {
      onClose();
      show(deployment.uuid);
    },
  );
  return (
    <Confirm
      title={`${text.deployAgain}?`}
      action={text.deployAgain}
      busy={control.isPending}
      error={<ErrorNote error={control.error} />}
      onConfirm={() => control.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.deployAgainText(shortSha(commit), environment.slug)}</p>
      <p>{isLive ? text.deployAgainLive : text.deployAgainOlder}</p>
      {environment.hold !== null && <p>{text.overrideHold}</p>}
    </Confirm>
  );
}
