import type { ApplicationLine, EnvironmentLine, ServiceInstance } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { backupActions, backupsQuery, restoresQuery } from '../../api/backups.ts';
import { backups as text } from '../../text/backups.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { BackupTable } from './backup-table.tsx';
import { CopyDialog } from './copy-dialog.tsx';
import { RestoreTable } from './restore-table.tsx';
import { UploadDialog } from './upload-dialog.tsx';

/** What the data of an environment's services can be brought back from. */
export function BackupsSection({
  application,
  environment,
  services,
  canWrite,
}: {
  application: ApplicationLine;
  environment: EnvironmentLine;
  services: readonly ServiceInstance[];
  canWrite: boolean;
}) {
  const { data: made } = useSuspenseQuery(backupsQuery(environment.uuid));
  const { data: restores } = useSuspenseQuery(restoresQuery(environment.uuid));
  const [asked, setAsked] = useState<'copy' | 'upload' | null>(null);
  const say = useToast();
  const make = useControl(
    () => backupActions.make(environment.uuid),
    () => say(text.making),
  );
  const others = application.environments.filter(({ uuid }) => uuid !== environment.uuid);
  const close = () => setAsked(null);
  return (
    <>
      <Section
        title={text.title}
        actions={
          canWrite &&
          services.length > 0 && (
            <>
              {others.length > 0 && <Button onClick={() => setAsked('copy')}>{text.copy}</Button>}
              <Button onClick={() => setAsked('upload')}>{text.upload}</Button>
              <Button kind="primary" busy={make.isPending} onClick={() => make.mutate(undefined)}>
                {text.make}
              </Button>
            </>
          )
        }
      >
        <ErrorNote error={make.error} />
        {made.results.length === 0 ? (
          <p className="text-sm text-muted">{text.none}</p>
        ) : (
          <BackupTable backups={made.results} environment={environment} canWrite={canWrite} />
        )}
      </Section>
      {restores.results.length > 0 && (
        <Section title={text.restores}>
          <RestoreTable restores={restores.results} />
        </Section>
      )}
      {asked === 'copy' && <CopyDialog environment={environment} others={others} onClose={close} />}
      {asked === 'upload' && (
        <UploadDialog environment={environment.uuid} services={services} onClose={close} />
      )}
    </>
  );
}
