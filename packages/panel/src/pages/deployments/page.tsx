import type { Deployment } from '@sluice/contract';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { deploymentsQuery, PAGE_SIZE } from '../../api/running.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { running as text } from '../../text/running.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { SelectField } from '../../ui/field.tsx';
import { Section } from '../../ui/layout.tsx';
import { TextLink } from '../../ui/link.tsx';
import { Empty, ErrorNote, Loading } from '../../ui/notes.tsx';
import { Pages } from '../../ui/pages.tsx';
import { Requester } from '../../ui/requester.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { type Column, Table } from '../../ui/table.tsx';
import { Duration, Time } from '../../ui/time.tsx';
import { type DeploymentsSearch, deploymentsSearch, isStatusGroup, STATUSES } from './search.ts';

/** The deployments of an application, newest first. What is filtered stands in the address, so that it can be sent on. */
export function Page() {
  const application = useApplication();
  const search = deploymentsSearch(useSearch({ strict: false }));
  const app = applicationKey(application);
  const navigate = useNavigate();
  useDocumentState(`${text.deployments} · ${application.name}`);
  const go = (change: DeploymentsSearch) =>
    void navigate({ to: '/applications/$app/deployments', params: { app }, search: change });

  const { environments } = application;
  const environment = environments.find(({ slug }) => slug === search.environment);
  const page = search.page ?? 1;
  const list = useQuery({
    ...deploymentsQuery(application.uuid, {
      page,
      environment: environment?.uuid,
      status: search.state === undefined ? undefined : STATUSES[search.state],
    }),
    placeholderData: keepPreviousData,
  });

  const { environment: slug, state } = search;
  const isFiltered = slug !== undefined || state !== undefined;
  return (
    <Section title={text.deployments}>
      <div className="mb-4 grid gap-3 sm:max-w-xl sm:grid-cols-2">
        <SelectField
          label={text.environment}
          value={slug ?? ''}
          onChange={(value) =>
            go({ ...(value === '' ? {} : { environment: value }), ...(state ? { state } : {}) })
          }
        >
          <option value="">{text.allEnvironments}</option>
          {environments.map((one) => (
            <option key={one.uuid}>{one.slug}</option>
          ))}
        </SelectField>
        <SelectField
          label={text.state}
          value={state ?? ''}
          onChange={(value) =>
            go({
              ...(slug === undefined ? {} : { environment: slug }),
              ...(isStatusGroup(value) ? { state: value } : {}),
            })
          }
        >
          <option value="">{text.allStates}</option>
          {Object.entries(text.states).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </SelectField>
      </div>
      <ErrorNote error={list.error} retry={() => void list.refetch()} />
      {list.data === undefined && !list.isError && <Loading />}
      {list.data?.count === 0 &&
        (isFiltered ? (
          <p className="text-sm text-muted">{text.noMatch}</p>
        ) : (
          <Empty title={text.noDeployments}>{text.noDeploymentsText}</Empty>
        ))}
      {list.data !== undefined && list.data.count > 0 && (
        <>
          <Table
            caption={text.newestFirst}
            rows={list.data.results}
            rowKey={({ uuid }) => uuid}
            columns={columns(app, new Map(environments.map((one) => [one.uuid, one.slug])))}
          />
          <Pages
            page={page}
            size={PAGE_SIZE}
            count={list.data.count}
            onPage={(next) => go({ ...search, page: next })}
          />
        </>
      )}
    </Section>
  );
}

function columns(app: string, slugs: ReadonlyMap<string, string>): Column<Deployment>[] {
  return [
    {
      title: text.deployment,
      cell: ({ uuid, status }) => (
        <TextLink
          to="/deployments/$deployment"
          params={{ deployment: uuid }}
          className="no-underline"
        >
          <StateBadge state={status} />
        </TextLink>
      ),
    },
    {
      title: text.environment,
      cell: ({ environment }) => slugs.get(environment) ?? text.removedEnvironment,
    },
    {
      title: text.commit,
      cell: ({ commit, target }) =>
        commit === null ? (target ?? text.anyCommit) : <CommitLink app={app} sha={commit} />,
    },
    {
      title: text.askedBy,
      wide: true,
      cell: ({ requested_by }) => requested_by !== null && <Requester email={requested_by} />,
    },
    { title: text.when, cell: ({ started_at }) => <Time at={started_at} /> },
    {
      title: text.duration,
      wide: true,
      cell: ({ started_at, ended_at }) => <Duration from={started_at} to={ended_at} />,
    },
  ];
}
