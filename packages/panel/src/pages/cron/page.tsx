import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { cronQuery } from '../../api/cron.ts';
import { useEnvironment } from '../../api/running.ts';
import { useCan } from '../../api/session.ts';
import { cron as text } from '../../text/cron.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { ApplicationLog } from '../../ui/log/index.tsx';
import { Empty } from '../../ui/notes.tsx';
import { PartHeader } from '../environment/part-header.tsx';
import { AddDialog } from './add-dialog.tsx';
import { CronItem } from './cron-item.tsx';

/** What runs by the clock in an environment. */
export function Page() {
  const { application, environment } = useEnvironment();
  const { data } = useSuspenseQuery(cronQuery(environment.uuid));
  const can = useCan();
  const [isAdding, setAdding] = useState(false);
  const add = can(application.organisation, 'application:write') && (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  );
  return (
    <>
      <PartHeader title={text.titleOf} intro={text.intro} />
      {data.results.length === 0 ? (
        <Empty title={text.none} action={add}>
          {text.noneText}
        </Empty>
      ) : (
        <>
          <Section title={text.title} actions={add}>
            <ul aria-label={text.list} className="flex flex-col gap-3">
              {data.results.map((job) => (
                <CronItem
                  key={job.uuid}
                  job={job}
                  canWrite={can(application.organisation, 'application:write')}
                  canRun={
                    environment.live !== null && can(application.organisation, 'application:deploy')
                  }
                />
              ))}
            </ul>
          </Section>
          <Section title={text.log}>
            <p className="mb-2 text-xs text-muted">{text.logHint}</p>
            <ApplicationLog environment={environment.uuid} service="cronjob" />
          </Section>
        </>
      )}
      {isAdding && <AddDialog environment={environment.uuid} onClose={() => setAdding(false)} />}
    </>
  );
}
