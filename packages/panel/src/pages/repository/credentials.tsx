import type { Repository } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, FormDialog } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { CredentialFields } from './credential-fields.tsx';

/** The token for https: it is set, replaced or removed, and never shown. */
export function Credentials({ source }: { source: Repository }) {
  const [asking, setAsking] = useState<'set' | 'remove' | null>(null);
  const close = () => setAsking(null);
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setAsking('set')}>
        {source.has_password ? text.tokenReplace : text.tokenSet}
      </Button>
      {source.has_password && (
        <Button onClick={() => setAsking('remove')}>{text.tokenRemove}</Button>
      )}
      {asking === 'set' && <SetDialog source={source} onClose={close} />}
      {asking === 'remove' && <RemoveDialog source={source} onClose={close} />}
    </div>
  );
}

interface DialogProps {
  readonly source: Repository;
  readonly onClose: () => void;
}

function SetDialog({ source, onClose }: DialogProps) {
  const [given, setGiven] = useState({ username: source.username ?? '', token: '' });
  const say = useToast();
  const save = useControl(
    () => {
      const username = given.username.trim();
      return api.sources.update(source.uuid, {
        ...{ username: username === '' ? null : username, password: given.token },
      });
    },
    () => {
      onClose();
      say(text.tokenSaved);
    },
  );
  return (
    <FormDialog
      title={source.has_password ? text.tokenReplace : text.tokenSet}
      action={common.save}
      busy={save.isPending}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <CredentialFields given={given} onChange={setGiven} isNeeded />
      <ErrorNote error={save.error} />
    </FormDialog>
  );
}

function RemoveDialog({ source, onClose }: DialogProps) {
  const say = useToast();
  const remove = useControl(
    () => api.sources.update(source.uuid, { username: null, password: null }),
    () => {
      onClose();
      say(text.tokenRemoved);
    },
  );
  return (
    <Confirm
      title={text.tokenRemove}
      action={text.tokenRemove}
      busy={remove.isPending}
      error={<ErrorNote error={remove.error} />}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.tokenRemoveText}</p>
    </Confirm>
  );
}
