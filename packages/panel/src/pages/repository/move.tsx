import type { ApplicationLine, Repository } from '@sluice/contract';
import { useState } from 'react';
import { ApiError, api } from '../../api/client.ts';
import { common } from '../../text/common.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm, FormDialog } from '../../ui/dialog.tsx';
import { TextField } from '../../ui/field.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

interface Props {
  readonly application: ApplicationLine;
  readonly source: Repository;
}

/** A mirror follows another address, or is hosted here again. */
export function Move(props: Props) {
  const [asking, setAsking] = useState<'address' | 'host' | null>(null);
  const close = () => setAsking(null);
  return (
    <div className="flex flex-wrap gap-2">
      <Button onClick={() => setAsking('address')}>{text.move}</Button>
      <Button onClick={() => setAsking('host')}>{text.disconnect}</Button>
      {asking === 'address' && <AddressDialog {...props} onClose={close} />}
      {asking === 'host' && <HostDialog {...props} onClose={close} />}
    </div>
  );
}

/** The host has said where it is now; one click accepts it. */
export function MovedTo({ source, to, may }: { source: Repository; to: string; may: boolean }) {
  const say = useToast();
  const accept = useControl(
    () => api.sources.update(source.uuid, { url: to }),
    () => say(text.moved),
  );
  return (
    <Note tone="warn">
      {text.movedTo(to)} {text.moveHint}{' '}
      {may && (
        <Button busy={accept.isPending} onClick={() => accept.mutate(undefined)}>
          {text.acceptMove}
        </Button>
      )}
      <ErrorNote error={accept.error} />
    </Note>
  );
}

function AddressDialog({ source, onClose }: Props & { onClose: () => void }) {
  const [url, setUrl] = useState(source.url);
  const say = useToast();
  const save = useControl(
    () => api.sources.update(source.uuid, { url }),
    () => {
      onClose();
      say(text.moved);
    },
  );
  const complaint =
    save.error instanceof ApiError ? save.error.fields['url']?.join(' ') : undefined;
  return (
    <FormDialog
      title={text.move}
      action={common.save}
      busy={save.isPending}
      onSubmit={() => save.mutate(undefined)}
      onClose={onClose}
    >
      <TextField
        label={text.address}
        hint={text.moveHint}
        error={complaint}
        value={url}
        onChange={setUrl}
        required
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
      />
      {complaint === undefined && <ErrorNote error={save.error} />}
    </FormDialog>
  );
}

function HostDialog({ application, onClose }: Props & { onClose: () => void }) {
  const say = useToast();
  const disconnect = useControl(
    () => api.sources.disconnect(application.uuid),
    () => {
      onClose();
      say(text.disconnected);
    },
  );
  return (
    <Confirm
      title={text.disconnect}
      action={text.disconnect}
      busy={disconnect.isPending}
      error={<ErrorNote error={disconnect.error} />}
      onConfirm={() => disconnect.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.disconnectText}</p>
    </Confirm>
  );
}
