import type { ApplicationLine, Environment } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { common } from '../../text/common.ts';
import { settings as text } from '../../text/settings.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/dialog.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { Table } from '../../ui/table.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { EnvironmentDialog } from './environment-dialog.tsx';
import { NewEnvironmentDialog } from './new-environment-dialog.tsx';
import { environmentsQuery } from './queries.ts';

type Asked =
  | { readonly kind: 'add' }
  | { readonly kind: 'edit' | 'remove'; readonly environment: Environment };

/** The environments: which branch each follows, and whether it deploys by itself. */
export function Environments({ application }: { application: ApplicationLine }) {
  const { data } = useSuspenseQuery(environmentsQuery(application.uuid));
  const [asked, setAsked] = useState<Asked | null>(null);
  const can = useCan();
  const mayWrite = can(application.organisation, 'application:write');
  const close = () => setAsked(null);
  return (
    <Section
      title={text.environments}
      actions={
        mayWrite && <Button onClick={() => setAsked({ kind: 'add' })}>{text.addEnvironment}</Button>
      }
    >
      <Table
        caption={text.environmentsTable}
        rows={data}
        rowKey={({ uuid }) => uuid}
        columns={[
          { title: text.environment, cell: ({ slug }) => slug },
          { title: text.branch, cell: ({ branch }) => <code>{branch}</code> },
          {
            title: text.auto,
            cell: ({ auto_deploy }) => (auto_deploy ? common.yes : common.no),
            wide: true,
          },
          {
            title: text.requireBuild,
            cell: ({ require_build }) => text.requireChoices[require_build],
            wide: true,
          },
          {
            title: text.actions,
            cell: (environment) =>
              mayWrite && (
                <span className="flex flex-wrap justify-end gap-2">
                  <Button
                    aria-label={text.editOf(environment.slug)}
                    onClick={() => setAsked({ kind: 'edit', environment })}
                  >
                    {text.edit}
                  </Button>
                  <Button
                    kind="danger"
                    aria-label={text.removeOf(environment.slug)}
                    onClick={() => setAsked({ kind: 'remove', environment })}
                  >
                    {text.remove}
                  </Button>
                </span>
              ),
          },
        ]}
      />
      {asked?.kind === 'add' && (
        <NewEnvironmentDialog application={application.uuid} environments={data} onClose={close} />
      )}
      {asked?.kind === 'edit' && (
        <EnvironmentDialog environment={asked.environment} onClose={close} />
      )}
      {asked?.kind === 'remove' && (
        <RemoveEnvironment environment={asked.environment} onClose={close} />
      )}
    </Section>
  );
}

function RemoveEnvironment({
  environment,
  onClose,
}: {
  environment: Environment;
  onClose: () => void;
}) {
  const say = useToast();
  const remove = useControl(
    () => api.environments.remove(environment.uuid),
    () => {
      onClose();
      say(text.environmentRemoved(environment.slug));
    },
  );
  return (
    <Confirm
      title={text.removeOf(environment.slug)}
      name={environment.slug}
      action={text.remove}
      busy={remove.isPending}
      error={<ErrorNote error={remove.error} />}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <p>{text.removeText}</p>
    </Confirm>
  );
}
