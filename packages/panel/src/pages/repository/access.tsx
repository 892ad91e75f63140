import type { HostKey, Repository } from '@sluice/contract';
import { api } from '../../api/client.ts';
import { repository as text } from '../../text/repository.ts';
import { Button } from '../../ui/button.tsx';
import { CopyBlock } from '../../ui/copy.tsx';
import { ErrorNote, Note } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** The deploy key to copy, and a changed host key to accept. */
export function Access({ source, offered }: { source: Repository; offered: readonly HostKey[] }) {
  const say = useToast();
  const accept = useControl(
    (fingerprint: string) => api.sources.acceptHostKey(source.uuid, fingerprint),
    () => say(text.accepted),
  );
  const makeKey = useControl(
    () => api.sources.makeKey(source.uuid),
    () => say(text.keyMade),
  );
  return (
    <>
      {offered.map((key) => (
        <Note key={key.fingerprint} tone="warn">
          <p>{text.hostKeyOffered(key.host, key.fingerprint)}</p>
          <Button
            className="mt-2"
            busy={accept.isPending}
            onClick={() => accept.mutate(key.fingerprint)}
          >
            {text.accept}
          </Button>
        </Note>
      ))}
      <ErrorNote error={accept.error ?? makeKey.error} />
      {source.auth_info !== null && (
        <div className="flex flex-col gap-2">
          <CopyBlock label={text.key} text={source.auth_info} />
          <p className="text-xs text-muted">{text.keyHint}</p>
          <div>
            <Button busy={makeKey.isPending} onClick={() => makeKey.mutate(undefined)}>
              {text.keyNew}
            </Button>
          </div>
        </div>
      )}
    </>
  );
}
