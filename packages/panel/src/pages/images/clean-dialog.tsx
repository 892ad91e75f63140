import { useQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { cleaningQuery } from '../../api/images.ts';
import { images as text } from '../../text/images.ts';
import { bytesText } from '../../text/units.ts';
import { shortSha } from '../../ui/commit.tsx';
import { Confirm, Dialog } from '../../ui/dialog.tsx';
import { ErrorNote, Loading } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Says what would go, then removes it; `application` null: of all. */
export function CleanDialog({
  application,
  onClose,
}: {
  application: string | null;
  onClose: () => void;
}) {
  const say = useToast();
  const plan = useQuery(cleaningQuery(application));
  const clean = useControl(
    () => (application === null ? api.images.cleanAll() : api.images.clean(application)),
    ({ removed, busy }) => {
      onClose();
      say(text.cleaned(removed.length));
      if (busy.length > 0) say(text.busy(busy.join(', ')));
    },
  );
  const { data } = plan;
  if (data === undefined || data.removed.length === 0) {
    return (
      <Dialog title={text.cleanTitle} onClose={onClose}>
        <ErrorNote error={plan.error} retry={() => void plan.refetch()} />
        {plan.isPending && <Loading lines={2} />}
        {data !== undefined && <p className="text-sm">{text.cleanNothing}</p>}
      </Dialog>
    );
  }
  return (
    <Confirm
      title={text.cleanTitle}
      action={text.clean}
      busy={clean.isPending}
      error={<ErrorNote error={clean.error} />}
      onConfirm={() => clean.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.cleanText(data.removed.length, bytesText(data.freed_bytes))}</p>
      <ul className="max-h-40 overflow-y-auto font-mono text-xs">
        {data.removed.map(({ uuid, commit }) => (
          <li key={uuid}>{shortSha(commit)}</li>
        ))}
      </ul>
    </Confirm>
  );
}
