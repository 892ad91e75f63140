import { repository as text } from '../../text/repository.ts';
import { Confirm } from '../../ui/dialog.tsx';
import { ErrorNote } from '../../ui/notes.tsx';

const WORDS = {
  renew: { title: text.webhookNew, meaning: text.webhookNewText },
  remove: { title: text.webhookRemove, meaning: text.webhookRemoveText },
} as const;

/** Both end what the host was told: deliveries are refused until it is told anew. */
export function WebhookConfirm({
  what,
  act,
  onClose,
}: {
  what: keyof typeof WORDS;
  act: { mutate: (given: undefined) => void; isPending: boolean; error: Error | null };
  onClose: () => void;
}) {
  const { title, meaning } = WORDS[what];
  return (
    <Confirm
      title={title}
      action={title}
      busy={act.isPending}
      error={<ErrorNote error={act.error} />}
      onConfirm={() => act.mutate(undefined)}
      onClose={onClose}
    >
      <p>{meaning}</p>
    </Confirm>
  );
}
