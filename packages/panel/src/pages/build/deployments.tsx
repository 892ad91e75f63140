import type { BuildDetail } from '@sluice/contract';
import { Link } from '@tanstack/react-router';
import { build as text } from '../../text/build.ts';
import { ButtonLink } from '../../ui/button.tsx';
import { Section } from '../../ui/layout.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';

/** What the commit of a build came to: a green build is not a live one. */
export function BuildDeployments({
  app,
  sha,
  deployments,
}: {
  /** Null where the reader does not see the application. */
  app: string | null;
  sha: string;
  deployments: BuildDetail['deployments'];
}) {
  return (
    <Section
      title={text.deployments}
      actions={
        app !== null && (
          <ButtonLink to="/applications/$app/commits/$sha" params={{ app, sha }} kind="quiet">
            {text.toWhy}
          </ButtonLink>
        )
      }
    >
      {deployments.length === 0 ? (
        <p className="text-sm text-muted">{text.noDeployments}</p>
      ) : (
        <Table
          caption={text.deploymentsByEnvironment}
          rows={deployments}
          rowKey={({ uuid }) => uuid}
          columns={[
            { title: text.environment, cell: ({ environment }) => environment },
            {
              title: text.state,
              cell: ({ uuid, status }) => (
                <Link to="/deployments/$deployment" params={{ deployment: uuid }}>
                  <StateBadge state={status} />
                </Link>
              ),
            },
            {
              title: text.reason,
              cell: ({ reason }) => <span className="break-words">{reason}</span>,
            },
          ]}
        />
      )}
    </Section>
  );
}
