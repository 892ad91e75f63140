import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { running, environment as text } from '../../text/running.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useControl, useShowDeployment } from '../running/use-control.ts';

/** Asks for a deployment of the branch's newest commit, or of one that is named. */
export function DeployDialog({
  environment,
  onClose,
}: {
  environment: EnvironmentLine;
  onClose: () => void;
}) {
  const [commit, setCommit] = useState('');
  const show = useShowDeployment();
  const named = commit.trim();
  const deploy = useControl(
    () =>
      api.deployments.create({
        environment: environment.uuid,
        override_hold: environment.hold !== null,
        ...(named === '' ? {} : { commit: named }),
      }),
    (deployment) => {
      onClose();
      show(deployment.uuid);
    },
  );
  const complaint =
    deploy.error instanceof ApiError ? deploy.error.fields['commit']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.deployTitle(environment.slug)}
      action={text.deploy}
      busy={deploy.isPending}
      onSubmit={() => deploy.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.deployCommit}
        hint={text.deployCommitHint(environment.branch)}
        error={complaint}
        value={commit}
        onChange={setCommit}
        autoComplete="off"
        spellCheck={false}
      />
      {environment.hold !== null && <Note tone="warn">{running.overrideHold}</Note>}
      {complaint === undefined && <ErrorNote error={deploy.error} />}
    </FormDialog>
  );
}
