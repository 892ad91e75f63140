import type { ApplicationLine, Starter } from '@sluice/contract';
import { useMutation, useSuspenseQuery } from '@tanstack/react-query';
import { api } from '../../api/client.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { startersQuery } from '../onboarding/queries.ts';

/** A small site that is tested and goes live, committed at once. */
export function ExampleStep({
  application,
  onCommitted,
}: {
  application: ApplicationLine;
  onCommitted: (sha: string) => void;
}) {
  const { data } = useSuspenseQuery(startersQuery);
  const start = useMutation({
    mutationFn: ({ id, name }: Starter) =>
      api.proposals.commit(application.uuid, {
        message: text.starterMessage(name),
        starter: id,
        expected: null,
      }),
    onSuccess: ({ sha }) => onCommitted(sha),
  });
  return (
    <Section title={text.starters}>
      <div className="flex flex-col gap-3">
        <ErrorNote error={start.error} />
        {data.results.map((starter) => (
          <div
            key={starter.id}
            className="flex flex-wrap items-center justify-between gap-3 border-b border-line pb-3 last:border-0 last:pb-0"
          >
            <div>
              <p className="font-medium">{starter.name}</p>
              <p className="text-sm text-muted">{starter.description}</p>
            </div>
            <Button
              busy={start.isPending && start.variables?.id === starter.id}
              disabled={start.isPending}
              onClick={() => start.mutate(starter)}
            >
              {text.startWith(starter.name)}
            </Button>
          </div>
        ))}
      </div>
    </Section>
  );
}
