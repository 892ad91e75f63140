import { useSuspenseQuery } from '@tanstack/react-query';
import { Navigate, useParams } from '@tanstack/react-router';
import { applicationKey, overviewQuery } from '../../api/overview.ts';
import { NotFound } from '../../shell/broken.tsx';
import { useDocumentState } from '../../shell/document-state.ts';
import { overview as text } from '../../text/overview.ts';

/** Addresses that existing clients open (spec/divio.md 4.4) lead to the application's page. */
export function Page() {
  const { app } = useParams({ strict: false });
  const { applications } = useSuspenseQuery(overviewQuery).data;
  useDocumentState(text.title);
  const found = applications.find(
    ({ uuid, id, slug }) => uuid === app || String(id) === app || slug === app,
  );
  if (found === undefined) return <NotFound />;
  return <Navigate to="/applications/$app" params={{ app: applicationKey(found) }} replace />;
}
