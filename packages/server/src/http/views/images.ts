import type {
  Image as ImageJson,
  ImagesCleaned,
  ImagePolicy as PolicyJson,
} from '@sluice/contract';
import type { Cleaning, ImagePolicy, ImageView } from '../../deploy/pipeline/index.ts';

export const policyJson = ({ runtime, registry, keepReleases }: ImagePolicy): PolicyJson => ({
  ...{ runtime, registry, keep_releases: keepReleases },
});

export const imageJson = (image: ImageView): ImageJson => ({
  uuid: image.uuid,
  application: image.applicationUuid,
  commit: image.sha,
  state: image.state,
  digest: image.digest,
  registry_name: image.nameInRegistry,
  built_by: image.builtBy,
  created_at: image.createdAt,
  finished_at: image.finishedAt,
  size_bytes: image.size?.bytes ?? null,
  own_bytes: image.size?.ownBytes ?? null,
  kept_for: image.keptFor,
  releases: image.releases.map((release) => ({
    uuid: release.uuid,
    environment: release.environmentUuid,
    environment_slug: release.environmentSlug,
    deployment: release.deploymentUuid,
    is_live: release.isLive,
    live_at: release.liveAt,
    adopted: release.deploymentUuid !== image.builtBy,
  })),
});

export const cleaningJson = ({ removed, freedBytes, left, busy }: Cleaning): ImagesCleaned => ({
  removed: removed.map(imageJson),
  freed_bytes: freedBytes,
  left: [...left],
  busy: [...busy],
});
