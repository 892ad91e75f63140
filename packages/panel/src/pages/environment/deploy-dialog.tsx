import type { EnvironmentLine } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { running, environment as text } from '../../text/running.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
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
    <Dialog title={text.deployTitle(environment.slug)} onClose={onClose}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          deploy.mutate(undefined);
        }}
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
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button kind="primary" type="submit" busy={deploy.isPending}>
            {text.deploy}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
