import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { auditQuery, auditVerdictQuery, exportAddress } from '../../api/audit.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { auditText as text } from '../../text/audit.ts';
import { common } from '../../text/common.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader, Section } from '../../ui/layout.tsx';
import { Empty, ErrorNote, Loading, Note } from '../../ui/notes.tsx';
import { Entries } from './entries.tsx';
import { Filter } from './filter.tsx';
import { type AuditSearch, auditSearch, toFilter } from './search.ts';

const DOWNLOAD =
  'inline-flex min-h-9 items-center rounded-md border border-edge bg-surface px-3 text-sm font-medium text-ink no-underline hover:bg-raised';

/** Who did what. What is filtered stands in the address, so that it can be sent on. */
export function Page() {
  const search = auditSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const filter = toFilter(search);
  const entries = useInfiniteQuery(auditQuery(filter));
  useDocumentState(text.title);
  const go = (next: AuditSearch) =>
    void navigate({ to: '/audit-log', search: { ...next }, replace: true });
  const pages = entries.data?.pages ?? [];
  const all = pages.flatMap(({ results }) => results);
  return (
    <>
      <PageHeader
        title={text.title}
        meta={text.intro}
        actions={
          <>
            <a className={DOWNLOAD} href={exportAddress(filter, 'csv')} download>
              {text.exportCsv}
            </a>
            <a className={DOWNLOAD} href={exportAddress(filter, 'jsonl')} download>
              {text.exportJson}
            </a>
          </>
        }
      />
      <Chain />
      <Section title={text.filter}>
        {/* Typed anew when the filter is cleared from elsewhere. */}
        <Filter key={JSON.stringify(search)} search={search} onChange={go} />
      </Section>
      <Section title={pages[0] === undefined ? text.title : text.count(pages[0].count)}>
        <ErrorNote error={entries.error} retry={() => void entries.refetch()} />
        {entries.isPending && <Loading lines={8} />}
        {entries.data !== undefined && all.length === 0 && (
          <Empty title={text.empty} action={<Button onClick={() => go({})}>{text.clear}</Button>}>
            {text.emptyText}
          </Empty>
        )}
        {all.length > 0 && <Entries entries={all} />}
        {entries.hasNextPage && (
          <div className="mt-4 flex justify-center">
            <Button busy={entries.isFetchingNextPage} onClick={() => void entries.fetchNextPage()}>
              {common.more}
            </Button>
          </div>
        )}
      </Section>
    </>
  );
}

function Chain() {
  const verdict = useQuery(auditVerdictQuery);
  const { data } = verdict;
  return (
    <div className="mb-5" role="status">
      {verdict.isPending && <Note>{text.checking}</Note>}
      <ErrorNote error={verdict.error} retry={() => void verdict.refetch()} />
      {data?.intact === true && <Note tone="good">{text.chainIntact(data.entries)}</Note>}
      {data?.intact === false && (
        <Note tone="warn">{text.chainBroken(data.broken_at ?? data.entries + 1)}</Note>
      )}
    </div>
  );
}
