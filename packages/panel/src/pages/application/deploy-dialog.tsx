import type { EnvironmentLine } from '@sluice/contract';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { overview as text } from '../../text/overview.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { Checkbox, TextField } from '../../ui/field.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';

/** Asks for a deployment of the branch's newest commit, or of one that is named. */
export function DeployDialog({
  environment,
  commit: given = '',
  onClose,
}: {
  environment: EnvironmentLine;
  /** Named beforehand, to promote it. */
  commit?: string;
  onClose: () => void;
}) {
  const [commit, setCommit] = useState(given);
  const [override, setOverride] = useState(false);
  const say = useToast();
  const isHeld = environment.hold !== null;
  const named = commit.trim();
  const deploy = useMutation({
    mutationFn: () =>
      api.deployments.create({
        environment: environment.uuid,
        ...(named === '' ? {} : { commit: named, ...(override ? { override_hold: true } : {}) }),
      }),
    onSuccess: () => {
      say(text.deploying);
      onClose();
    },
  });
  return (
    <FormDialog
      title={text.deployTitle(environment.slug)}
      action={text.deploy}
      busy={deploy.isPending}
      onSubmit={() => deploy.mutate()}
      onClose={onClose}
    >
      {isHeld && <Note tone="warn">{text.deployHeld}</Note>}
      <TextField
        label={text.deployWhat}
        hint={text.deployHint}
        value={commit}
        onChange={setCommit}
        placeholder={environment.branch}
        autoComplete="off"
        spellCheck={false}
      />
      {isHeld && (
        <Checkbox
          label={text.override}
          checked={override}
          onChange={setOverride}
          disabled={named === ''}
        />
      )}
      <ErrorNote error={deploy.error} />
    </FormDialog>
  );
}
