import type { SystemHealth } from '@sluice/contract';
import { common } from '../../text/common.ts';
import { systemText as text } from '../../text/system.ts';
import { Facts, Section } from '../../ui/layout.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';

type EdgeHealth = NonNullable<SystemHealth['edge']>;
type EdgeDomain = EdgeHealth['domains'][number];

/** Whether Caddy does as it is told, and the certificate of each domain. */
export function Edge({ edge }: { edge: EdgeHealth }) {
  const { in_step: inStep, since, problem, names, domains } = edge;
  return (
    <Section title={text.edge}>
      <Facts
        facts={[
          [
            text.edgeState,
            <StateBadge
              key="state"
              state={inStep ? 'passed' : 'failed'}
              label={inStep ? text.edgeInStep : text.edgeOut}
            />,
          ],
          [text.edgeSince, <Time key="since" at={since} />],
          ...(problem === null ? [] : [[text.edgeProblem, problem] as const]),
          [text.edgeNames, names.length === 0 ? common.none : names.join(', ')],
        ]}
      />
      <h3 className="mt-4 mb-2 text-sm font-medium">{text.edgeDomains}</h3>
      {domains.length === 0 ? (
        <p className="text-sm text-muted">{text.noDomains}</p>
      ) : (
        <Domains domains={domains} />
      )}
    </Section>
  );
}

function Domains({ domains }: { domains: readonly EdgeDomain[] }) {
  return (
    <Table
      caption={text.edgeDomains}
      rows={domains}
      rowKey={({ name }) => name}
      columns={[
        {
          title: text.domain,
          cell: ({ name, application, environment }) => (
            <>
              {name}
              <p className="text-xs text-muted">{text.domainOf(application, environment)}</p>
            </>
          ),
        },
        { title: text.certificate, cell: (domain) => <Certificate domain={domain} /> },
        { title: text.issuer, cell: ({ issuer }) => issuer ?? common.none, wide: true },
        {
          title: text.expires,
          cell: ({ expires_at }) => (expires_at === null ? common.none : <Time at={expires_at} />),
        },
      ]}
    />
  );
}

function Certificate({ domain: { certificate, detail } }: { domain: EdgeDomain }) {
  const state = certificate ?? 'unknown';
  return (
    <>
      <StateBadge
        state={text.certificateLooks[state] ?? state}
        label={text.certificates[state] ?? state}
      />
      {certificate === 'pending' && <p className="max-w-80 text-xs text-muted">{detail}</p>}
    </>
  );
}
