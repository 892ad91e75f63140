import type { EnvironmentLine, EnvironmentVariable } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApplication } from '../../api/overview.ts';
import { variablesQuery } from '../../api/running.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { variables as text } from '../../text/variables.ts';
import { Button } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { Empty } from '../../ui/notes.tsx';
import { ApplyNote } from './apply-note.tsx';
import { PasteDialog } from './paste-dialog.tsx';
import { VariableDialog } from './variable-dialog.tsx';
import { VariablesTable } from './variables-table.tsx';

type Asked = 'add' | 'paste' | EnvironmentVariable;

/** The variables of one environment at a time. */
export function Page() {
  const application = useApplication();
  useDocumentState(`${text.title} · ${application.name}`);
  const [slug, setSlug] = useState(application.environments[0]?.slug ?? '');
  const environment = application.environments.find((one) => one.slug === slug);
  return (
    <>
      <div className="mb-4 max-w-xs">
        <SelectField label={text.environment} value={slug} onChange={setSlug}>
          {application.environments.map((one) => (
            <option key={one.uuid}>{one.slug}</option>
          ))}
        </SelectField>
      </div>
      {environment !== undefined && (
        <Variables
          key={environment.uuid}
          environment={environment}
          applicationUuid={application.uuid}
          organisation={application.organisation}
        />
      )}
    </>
  );
}

function Variables({
  environment,
  applicationUuid,
  organisation,
}: {
  environment: EnvironmentLine;
  applicationUuid: string;
  organisation: string;
}) {
  const { data } = useSuspenseQuery(variablesQuery(applicationUuid));
  const [asked, setAsked] = useState<Asked | null>(null);
  const [isChanged, setChanged] = useState(false);
  const canWrite = useCan()(organisation, 'application:write');
  const own = data.results.filter((one) => one.environment === environment.uuid);
  const close = () => setAsked(null);
  const changed = () => setChanged(true);
  const actions = canWrite && (
    <>
      <Button onClick={() => setAsked('paste')}>{text.paste}</Button>
      <Button kind="primary" onClick={() => setAsked('add')}>
        {text.add}
      </Button>
    </>
  );
  return (
    <Section title={text.title} actions={actions}>
      <div className="flex flex-col gap-4">
        <p className="text-sm text-muted">{text.intro(environment.slug)}</p>
        {isChanged && <ApplyNote environment={environment} />}
        {own.length === 0 ? (
          <Empty title={text.none}>{text.noneText}</Empty>
        ) : (
          <VariablesTable
            variables={own}
            canWrite={canWrite}
            onEdit={setAsked}
            onChanged={changed}
          />
        )}
      </div>
      {asked === 'paste' && (
        <PasteDialog environment={environment} present={own} onChanged={changed} onClose={close} />
      )}
      {asked !== null && asked !== 'paste' && (
        <VariableDialog
          environment={environment}
          variable={asked === 'add' ? null : asked}
          onChanged={changed}
          onClose={close}
        />
      )}
    </Section>
  );
}
