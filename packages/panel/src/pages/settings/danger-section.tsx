import type { ApplicationLine } from '@sluice/contract';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { settings as text } from '../../text/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';

/** Removing the application; for a while it can be undone. */
export function DangerSection({ application }: { application: ApplicationLine }) {
  const { uuid, name, slug } = application;
  const [isAsking, setAsking] = useState(false);
  const navigate = useNavigate();
  const queryClient = useQueryClient();
  const say = useToast();
  const restore = async () => {
    await api.applications.restore(uuid);
    await queryClient.invalidateQueries();
    say(text.restored(name));
  };
  const remove = useControl(
    async () => {
      await api.applications.remove(uuid);
      // Away first: this page is about something that is no more.
      await navigate({ to: '/' });
    },
    () => say(text.removed(name), () => void restore()),
  );
  return (
    <Section title={text.danger} className="border-bad">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-prose text-sm">{text.removeApplicationText}</p>
        <Button kind="danger" onClick={() => setAsking(true)}>
          {text.removeApplication}
        </Button>
      </div>
      {isAsking && (
        <Confirm
          title={text.removeApplication}
          name={slug}
          action={text.removeApplication}
          busy={remove.isPending}
          error={<ErrorNote error={remove.error} />}
          onConfirm={() => remove.mutate(undefined)}
          onClose={() => setAsking(false)}
        >
          <p>{text.removeApplicationText}</p>
        </Confirm>
      )}
    </Section>
  );
}
