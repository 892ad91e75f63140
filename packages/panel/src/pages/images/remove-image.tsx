import type { Image } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { images as text } from '../../text/images.ts';
import { Button } from '../../ui/button.tsx';
import { shortSha } from '../../ui/commit.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Only where nothing needs it; what is needed goes by itself in time. */
export function RemoveImage({ image: { uuid, commit, kept_for } }: { image: Image }) {
  const [isAsking, setAsking] = useState(false);
  const say = useToast();
  const name = shortSha(commit);
  const remove = useControl(
    () => api.images.remove(uuid),
    () => {
      setAsking(false);
      say(text.removed(name));
    },
  );
  if (kept_for !== null && kept_for !== 'newest') return null;
  return (
    <>
      <Button kind="danger" aria-label={text.removeOf(name)} onClick={() => setAsking(true)}>
        {text.remove}
      </Button>
      {isAsking && (
        <Confirm
          title={text.removeTitle(name)}
          action={text.remove}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          <p>{text.removeText}</p>
        </Confirm>
      )}
    </>
  );
}
