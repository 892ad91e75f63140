import type { Image } from '@sluice/contract';
import { images as text } from '../../text/images.ts';
import { bytesText } from '../../text/units.ts';
import { CommitLink } from '../../ui/commit.tsx';
import { TextLink } from '../../ui/link.tsx';
import { StateBadge } from '../../ui/state-badge.tsx';
import { Table } from '../../ui/table.tsx';
import { Time } from '../../ui/time.tsx';
import { RemoveImage } from './remove-image.tsx';

/** `app` is the application's key in addresses. */
export function ImageTable({
  images,
  app,
  canWrite,
}: {
  images: readonly Image[];
  app: string;
  canWrite: boolean;
}) {
  return (
    <Table
      caption={text.list}
      rows={images}
      rowKey={({ uuid }) => uuid}
      columns={[
        { title: text.commit, cell: ({ commit }) => <CommitLink app={app} sha={commit} /> },
        { title: text.keptFor, cell: (image) => <KeptFor image={image} /> },
        { title: text.size, cell: (image) => <Size image={image} /> },
        { title: text.made, cell: ({ created_at }) => <Time at={created_at} /> },
        { title: text.builtBy, cell: (image) => <Builder image={image} />, wide: true },
        { title: text.digest, cell: (image) => <Digest image={image} />, wide: true },
        ...(canWrite
          ? [{ title: text.actions, cell: (image: Image) => <RemoveImage image={image} /> }]
          : []),
      ]}
    />
  );
}

function KeptFor({ image: { kept_for, releases } }: { image: Image }) {
  const reason = kept_for ?? 'none';
  const shown = kept_for === 'live' ? releases.filter(({ is_live }) => is_live) : releases;
  const slugs = shown.map(({ environment_slug }) => environment_slug ?? text.removedEnvironment);
  return (
    <>
      <StateBadge state={text.looks[reason] ?? reason} label={text.reasons[reason] ?? reason} />
      {slugs.length > 0 && (
        <p className="text-xs text-muted">{text.inEnvironments([...new Set(slugs)].join(', '))}</p>
      )}
    </>
  );
}

function Size({ image: { size_bytes, own_bytes } }: { image: Image }) {
  if (size_bytes === null) return <span className="text-muted">{text.sizesUnknown}</span>;
  return (
    <>
      {bytesText(size_bytes)}
      {own_bytes !== null && own_bytes !== size_bytes && (
        <p className="text-xs text-muted">{text.own(bytesText(own_bytes))}</p>
      )}
    </>
  );
}

function Builder({ image: { built_by, releases } }: { image: Image }) {
  const adoptions = releases.filter(({ adopted }) => adopted).length;
  return (
    <>
      <TextLink to="/deployments/$deployment" params={{ deployment: built_by }}>
        {text.deployment}
      </TextLink>
      {adoptions > 0 && <p className="text-xs text-muted">{text.adopted(adoptions)}</p>}
    </>
  );
}

function Digest({ image: { digest, registry_name } }: { image: Image }) {
  return (
    <>
      {digest !== null && (
        <code title={digest} className="font-mono text-xs">
          {digest.slice(0, 19)}
        </code>
      )}
      {registry_name !== null && (
        <p className="max-w-64 text-xs break-all text-muted">
          {text.pushed} <code className="font-mono">{registry_name}</code>
        </p>
      )}
    </>
  );
}
