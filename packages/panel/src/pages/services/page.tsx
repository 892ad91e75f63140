import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useEnvironment } from '../../api/running.ts';
import { removedServicesQuery, serviceKindsQuery, servicesQuery } from '../../api/services.ts';
import { useCan } from '../../api/session.ts';
import { services as text } from '../../text/services.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { Empty } from '../../ui/notes.tsx';
import { ScheduleSection } from '../backups/schedule.tsx';
import { BackupsSection } from '../backups/section.tsx';
import { PartHeader } from '../environment/part-header.tsx';
import { AddDialog } from './add-dialog.tsx';
import { RemovedServices } from './removed-services.tsx';
import { ServiceItem } from './service-item.tsx';

/** What stands behind an environment. */
export function Page() {
  const { application, environment } = useEnvironment();
  const { data: kinds } = useSuspenseQuery(serviceKindsQuery);
  const { data: attached } = useSuspenseQuery(servicesQuery(environment.uuid));
  const { data: removed } = useSuspenseQuery(removedServicesQuery(environment.uuid));
  const canWrite = useCan()(application.organisation, 'application:write');
  const [isAdding, setAdding] = useState(false);
  const isAvailable = kinds.results.length > 0;
  const add = canWrite && isAvailable && (
    <Button kind="primary" onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  );
  return (
    <>
      <PartHeader title={text.titleOf} intro={text.intro} />
      {!isAvailable && attached.results.length === 0 && (
        <Empty title={text.unavailable}>{text.unavailableText}</Empty>
      )}
      {isAvailable && attached.results.length === 0 && (
        <Empty title={text.none} action={add}>
          {text.noneText}
        </Empty>
      )}
      {attached.results.length > 0 && (
        <Section title={text.title} actions={add}>
          <ul aria-label={text.list} className="flex flex-col gap-3">
            {attached.results.map((service) => (
              <ServiceItem key={service.uuid} service={service} canWrite={canWrite} />
            ))}
          </ul>
        </Section>
      )}
      {attached.results.length > 0 && (
        <>
          <BackupsSection
            application={application}
            environment={environment}
            services={attached.results}
            canWrite={canWrite}
          />
          <ScheduleSection environment={environment.uuid} canWrite={canWrite} />
        </>
      )}
      {removed.results.length > 0 && (
        <RemovedServices services={removed.results} canWrite={canWrite} />
      )}
      {isAdding && (
        <AddDialog
          environment={environment.uuid}
          kinds={kinds.results}
          onClose={() => setAdding(false)}
        />
      )}
    </>
  );
}
