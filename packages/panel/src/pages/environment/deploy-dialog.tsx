import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { overview } from '../../text/overview.ts';
import { environment as text } from '../../text/running.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
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
  const [override, setOverride] = useState(false);
  const isHeld = environment.hold !== null;
  const show = useShowDeployment();
  const named = commit.trim();
  const deploy = useControl(
    () =>
      api.deployments.create({
        environment: environment.uuid,
        ...(named === '' ? {} : { commit: named, ...(override ? { override_hold: true } : {}) }),
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
      {isHeld && <Note tone="warn">{overview.deployHeld}</Note>}
      <TextField
        label={text.deployCommit}
        hint={text.deployCommitHint(environment.branch)}
        error={complaint}
        value={commit}
        onChange={setCommit}
        autoComplete="off"
        spellCheck={false}
      />
      {isHeld && (
        <Checkbox
          label={overview.override}
          checked={override}
          onChange={setOverride}
          disabled={named === ''}
        />
      )}
      {complaint === undefined && <ErrorNote error={deploy.error} />}
    </FormDialog>
  );
}
