import { Link } from '@tanstack/react-router';
import { applicationKey } from '../../api/overview.ts';
import { useEnvironment } from '../../api/running.ts';
import { useDocumentState } from '../../shell/document-state.ts';

/** The head of a page that belongs to an environment: the way back to it, and what is here. */
export function PartHeader({ title, intro }: { title: (slug: string) => string; intro: string }) {
  const { application, environment } = useEnvironment();
  const name = title(environment.slug);
  useDocumentState(`${name} · ${application.name}`);
  return (
    <>
      <p className="mb-1 text-sm">
        <Link
          to="/applications/$app/environments/$env"
          params={{ app: applicationKey(application), env: environment.slug }}
        >
          {environment.slug}
        </Link>
      </p>
      <h2 className="mb-1 text-lg font-semibold">{name}</h2>
      <p className="mb-4 max-w-prose text-sm text-muted">{intro}</p>
    </>
  );
}
