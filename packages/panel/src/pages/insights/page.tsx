import type { Insights } from '@sluice/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { insightsQuery } from '../../api/insights.ts';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { insightsText as text } from '../../text/insights.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { Empty, ErrorNote, Loading } from '../../ui/notes.tsx';
import { BuildFigures } from './build-figures.tsx';
import { DeliveryFigures } from './delivery-figures.tsx';
import { FlakyJobs } from './flaky-jobs.tsx';
import { reading } from './reading.ts';
import { DEFAULT_DAYS, type InsightsSearch, insightsSearch, PERIODS } from './search.ts';

/** How often, how quickly and how safely an application is deployed, and how its builds fare. */
export function Page() {
  const application = useApplication();
  const search = insightsSearch(useSearch({ strict: false }));
  const app = applicationKey(application);
  const navigate = useNavigate();
  const days = search.days ?? DEFAULT_DAYS;
  useDocumentState(`${text.title} · ${application.name}`);
  const insights = useQuery({
    ...insightsQuery(application.uuid, days, search.environment),
    placeholderData: keepPreviousData,
  });
  const { data } = insights;
  const go = (change: InsightsSearch) =>
    void navigate({
      to: '/applications/$app/insights',
      params: { app },
      search: { ...search, ...change },
    });

  return (
    <>
      <div className="mb-4 grid gap-3 sm:max-w-md sm:grid-cols-2">
        <SelectField
          label={text.environment}
          value={search.environment ?? data?.environment ?? ''}
          onChange={(environment) => go({ environment })}
        >
          {(data?.environments ?? []).map((slug) => (
            <option key={slug}>{slug}</option>
          ))}
        </SelectField>
        <SelectField
          label={text.period}
          value={String(days)}
          onChange={(value) => go({ days: Number(value) })}
        >
          {PERIODS.map((period) => (
            <option key={period} value={period}>
              {text.days(period)}
            </option>
          ))}
        </SelectField>
      </div>
      <ErrorNote error={insights.error} retry={() => void insights.refetch()} />
      {data === undefined && !insights.isError && <Loading lines={8} />}
      {data !== undefined &&
        (isEmpty(data) ? (
          <Empty
            title={text.emptyTitle}
            action={
              <ButtonLink to="/applications/$app/commits" params={{ app }}>
                {text.emptyAction}
              </ButtonLink>
            }
          >
            {text.emptyText}
          </Empty>
        ) : (
          <>
            <Section title={text.reading}>
              <p className="max-w-prose">{reading(data)}</p>
            </Section>
            <DeliveryFigures insights={data} />
            <BuildFigures insights={data} />
            <FlakyJobs jobs={data.flaky_jobs} />
          </>
        ))}
    </>
  );
}

const isEmpty = (insights: Insights): boolean =>
  insights.deployment_frequency.total === 0 &&
  insights.change_failure_rate.changes === 0 &&
  insights.time_to_restore.open_since === null &&
  insights.lead_time.count === 0 &&
  insights.builds.length === 0;
