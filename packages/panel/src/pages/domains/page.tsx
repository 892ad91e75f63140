import type { Domain, EnvironmentLine } from '@sluice/contract';
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApplication } from '../../api/overview.ts';
import { domainsQuery } from '../../api/running.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { domains as text } from '../../text/domains.ts';
import { Button } from '../../ui/button.tsx';
import { Facts, Section } from '../../ui/layout.tsx';
import { OutsideLink } from '../../ui/link.tsx';
import { AddDialog } from './add-dialog.tsx';
import { DomainItem } from './domain-item.tsx';

/** Under which names the environments of an application answer. */
export function Page() {
  const application = useApplication();
  useDocumentState(`${text.title} · ${application.name}`);
  const { data } = useSuspenseQuery(domainsQuery(application.uuid));
  const canWrite = useCan()(application.organisation, 'application:write');
  return (
    <>
      <h2 className="mb-1 text-base font-semibold">{text.title}</h2>
      <p className="mb-4 max-w-prose text-sm text-muted">{text.intro}</p>
      {application.environments.map((environment) => (
        <EnvironmentDomains
          key={environment.uuid}
          environment={environment}
          domains={data.results.filter((one) => one.environment === environment.uuid)}
          canWrite={canWrite}
        />
      ))}
    </>
  );
}

function EnvironmentDomains({
  environment,
  domains,
  canWrite,
}: {
  environment: EnvironmentLine;
  domains: readonly Domain[];
  canWrite: boolean;
}) {
  const [isAdding, setAdding] = useState(false);
  return (
    <Section
      title={environment.slug}
      actions={canWrite && <Button onClick={() => setAdding(true)}>{text.add}</Button>}
    >
      <div className="flex flex-col gap-4">
        <Facts
          facts={[
            [
              text.fixed,
              <OutsideLink key="fixed" href={environment.url} note={text.opensElsewhere}>
                {new URL(environment.url).host}
              </OutsideLink>,
            ],
          ]}
        />
        {domains.length === 0 ? (
          <p className="text-sm text-muted">{text.none}</p>
        ) : (
          <ul aria-label={text.own} className="flex flex-col gap-3">
            {domains.map((domain) => (
              <DomainItem key={domain.uuid} domain={domain} canWrite={canWrite} />
            ))}
          </ul>
        )}
      </div>
      {isAdding && <AddDialog environment={environment} onClose={() => setAdding(false)} />}
    </Section>
  );
}
