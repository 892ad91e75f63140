import type { Repository } from '@sluice/contract';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** The public half of the key for ssh, to copy; another one takes its place only after a question. */
export function DeployKey({ source, publicKey }: { source: Repository; publicKey: string }) {
  const [isAsking, setAsking] = useState(false);
  const say = useToast();
  const make = useControl(
    () => api.sources.makeKey(source.uuid),
    () => {
      setAsking(false);
      say(text.keyMade);
    },
  );
  return (
    <div className="flex flex-col gap-2">
      <CopyBlock label={text.key} text={publicKey} />
      <p className="text-xs text-muted">{text.keyHint}</p>
      <div>
        <Button onClick={() => setAsking(true)}>{text.keyNew}</Button>
      </div>
      {isAsking && (
        <Confirm
          title={text.keyNew}
          action={text.keyNew}
          busy={make.isPending}
          error={<ErrorNote error={make.error} />}
          onConfirm={() => make.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          <p>{text.keyNewText}</p>
        </Confirm>
      )}
    </div>
  );
}
