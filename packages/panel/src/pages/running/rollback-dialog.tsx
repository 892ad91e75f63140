import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { running as text } from '../../text/running.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useControl, useShowDeployment } from './use-control.ts';

/** Environments whose name must be typed: people who mean another one notice here. */
export const needsName = (environment: Pick<EnvironmentLine, 'slug'>): boolean =>
  environment.slug === 'live';

/** Asks before a kept release goes live again. */
export function RollbackDialog({
  environment,
  release,
  onClose,
}: {
  environment: EnvironmentLine;
  release: string;
  onClose: () => void;
}) {
  const [reason, setReason] = useState('');
  const show = useShowDeployment();
  const control = useControl(
    () =>
      api.environments.rollback(environment.uuid, {
        release,
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
      }),
    (deployment) => {
      onClose();
      show(deployment.uuid);
    },
  );
  return (
    <Confirm
      title={text.rollBackTitle(environment.slug)}
      action={text.rollBack}
      {...(needsName(environment) ? { name: environment.slug } : {})}
      busy={control.isPending}
      error={<ErrorNote error={control.error} />}
      onConfirm={() => control.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.rollBackText}</p>
      <TextField
        label={text.rollBackReason}
        hint={text.rollBackHint}
        value={reason}
        onChange={setReason}
        maxLength={500}
      />
    </Confirm>
  );
}
