import { Link, Outlet } from '@tanstack/react-router';
import { applicationKey, useApplication } from '../../api/overview.ts';
import { application as text } from '../../text/application.ts';
import { PageHeader, TabLinks } from '../../ui/layout.tsx';

/** What stands above every page of one application. */
export function Page() {
  const application = useApplication();
  const params = { app: applicationKey(application) };
  return (
    <>
      <PageHeader
        title={application.name}
        trail={<Link to="/">{text.applications}</Link>}
        meta={<span>{text.websiteId(application.id)}</span>}
      />
      <TabLinks
        label={text.parts}
        tabs={[
          { to: '/applications/$app', params, text: text.overview },
          { to: '/applications/$app/commits', params, text: text.commits },
          { to: '/applications/$app/pulls', params, text: text.pulls },
          { to: '/applications/$app/builds', params, text: text.builds },
          { to: '/applications/$app/deployments', params, text: text.deployments },
          { to: '/applications/$app/variables', params, text: text.variables },
          { to: '/applications/$app/domains', params, text: text.domains },
          { to: '/applications/$app/images', params, text: text.images },
          { to: '/applications/$app/insights', params, text: text.insights },
          { to: '/applications/$app/settings', params, text: text.settings },
        ]}
      />
      <Outlet />
    </>
  );
}
