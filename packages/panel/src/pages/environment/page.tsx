import { useSuspenseQuery } from '@tanstack/react-query';
import { applicationKey } from '../../api/overview.ts';
import { environmentQuery, useEnvironment } from '../../api/running.ts';
import { useCan } from '../../api/session.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { cron } from '../../text/cron.ts';
import { environment as text } from '../../text/running.ts';
import { services } from '../../text/services.ts';
import { Section } from '../../ui/layout.tsx';
import { OutsideLink, TextLink } from '../../ui/link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Controls } from './controls.tsx';
import { Instances } from './instances.tsx';
import { Limits } from './limits.tsx';
import { EnvironmentLog } from './log.tsx';
import { Releases } from './releases.tsx';
import { Scale } from './scale.tsx';
import { SettingsForm } from './settings-form.tsx';
import { Standing } from './standing.tsx';
import { UsageCharts } from './usage-charts.tsx';

/** One environment: what is live, what runs, what it uses and writes. */
export function Page() {
  const { application, environment } = useEnvironment();
  const { data: details } = useSuspenseQuery(environmentQuery(environment.uuid));
  const can = useCan();
  const app = applicationKey(application);
  useDocumentState(
    `${environment.slug} · ${application.name}`,
    environment.moving?.status ?? environment.health,
  );
  const canDeploy = can(application.organisation, 'application:deploy');
  const canWrite = can(application.organisation, 'application:write');
  return (
    <>
      <div className="mb-4 flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 className="flex flex-wrap items-center gap-3 text-lg font-semibold">
            {environment.slug}
            <StateBadge state={environment.health} />
          </h2>
          <p className="text-sm">
            <OutsideLink href={environment.url} note={text.opensElsewhere}>
              {environment.url}
            </OutsideLink>
          </p>
          <p className="mt-1 flex flex-wrap gap-x-4 text-sm">
            <TextLink
              to="/applications/$app/environments/$env/services"
              params={{ app, env: environment.slug }}
            >
              {services.link}
            </TextLink>
            <TextLink
              to="/applications/$app/environments/$env/cron"
              params={{ app, env: environment.slug }}
            >
              {cron.title}
            </TextLink>
          </p>
        </div>
        {canDeploy && <Controls environment={environment} />}
      </div>
      <Standing app={app} environment={environment} />
      <Section
        title={text.instances}
        actions={
          canWrite && (
            <Scale
              environment={details}
              isServing={environment.live !== null && environment.health !== 'stopped'}
              canDeploy={canDeploy}
            />
          )
        }
      >
        <p className="mb-2 text-sm text-muted">{text.instancesWanted(details.instances)}</p>
        <Instances app={app} environmentUuid={environment.uuid} />
      </Section>
      {details.limits !== null && (
        <Limits environment={details} limits={details.limits} canWrite={canWrite} />
      )}
      <UsageCharts environmentUuid={environment.uuid} />
      <Section title={text.log}>
        <EnvironmentLog environmentUuid={environment.uuid} />
      </Section>
      <div className="grid items-start gap-x-5 lg:grid-cols-2">
        <Section title={text.releases}>
          <Releases app={app} environment={environment} canDeploy={canDeploy} />
        </Section>
        <Section title={text.settings}>
          <SettingsForm key={JSON.stringify(details)} environment={details} canWrite={canWrite} />
        </Section>
      </div>
    </>
  );
}
