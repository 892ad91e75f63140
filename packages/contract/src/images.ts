import { type Static, Type } from 'typebox';
import { listOf, Nullable, Time, Uuid } from './common.ts';

/** An image that the runtime keeps: what a build made of one commit. */
export const Image = Type.Object({
  uuid: Uuid,
  application: Uuid,
  commit: Type.String(),
  /** building | ready | failed | removed; the last two as long as they take up room. */
  state: Type.String(),
  digest: Nullable(Type.String()),
  /** Its name in the registry, by digest; null: it is here alone. */
  registry_name: Nullable(Type.String()),
  /** The deployment that built it. */
  built_by: Uuid,
  created_at: Time,
  finished_at: Nullable(Time),
  /** With the base image that it stands on; null where it cannot be told. */
  size_bytes: Nullable(Type.Integer()),
  /** Without what it shares with other images; null where it cannot be told. */
  own_bytes: Nullable(Type.Integer()),
  /**
   * live | deployment (one that has not ended works with it) | rollback | newest (for another try without a build) |
   * building | running; null: nobody needs it, and the next cleaning removes it.
   */
  kept_for: Nullable(Type.String()),
  /** Releases that name it, the one that was live last first. */
  releases: Type.Array(
    Type.Object({
      uuid: Uuid,
      environment: Uuid,
      /** Null: the environment was removed. */
      environment_slug: Nullable(Type.String()),
      deployment: Uuid,
      is_live: Type.Boolean(),
      /** When it went live last; null: never. */
      live_at: Nullable(Time),
      /** Its deployment took the image that another one had built. */
      adopted: Type.Boolean(),
    }),
  ),
});
export type Image = Static<typeof Image>;

/** How images are kept; the same for all applications. */
export const ImagePolicy = Type.Object({
  /** process | docker */
  runtime: Type.String(),
  /** Where they are pushed to, such as `registry.example.com/team`; null: nowhere. */
  registry: Nullable(Type.String()),
  /** Releases of an environment that can be rolled back to, and newest images of an application. */
  keep_releases: Type.Integer(),
});
export type ImagePolicy = Static<typeof ImagePolicy>;

/** `GET /apps/v3/images/?application=` */
export const Images = Type.Intersect([
  listOf(Image),
  Type.Object({
    policy: ImagePolicy,
    /** Why sizes are not known; null where they are. */
    problem: Nullable(Type.String()),
  }),
]);
export type Images = Static<typeof Images>;

/** `POST /apps/v3/images/clean/` */
export const ImagesClean = Type.Object(
  {
    application: Uuid,
    /** Only say what would go. */
    dry_run: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type ImagesClean = Static<typeof ImagesClean>;

/** `POST /system/v3/images/clean/` */
export const AllImagesClean = Type.Object(
  { dry_run: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

export const ImagesCleaned = Type.Object({
  /** What went, or would go. */
  removed: Type.Array(Image),
  /** As far as sizes are known; images on an engine share some of it. */
  freed_bytes: Type.Integer(),
  /** Uuids of images that nobody needs and something still runs from. */
  left: Type.Array(Uuid),
  /** Slugs of environments that a deployment was changing: it cleans up itself when it ends. */
  busy: Type.Array(Type.String()),
});
export type ImagesCleaned = Static<typeof ImagesCleaned>;

/** `GET /system/v3/images/`, for administrators of the installation. */
export const AllImages = Type.Object({
  policy: ImagePolicy,
  problem: Nullable(Type.String()),
  /** The one that takes up most first. */
  applications: Type.Array(
    Type.Object({
      application: Uuid,
      /** Null: it was removed for good, and the next cleaning removes its images. */
      name: Nullable(Type.String()),
      /** Of the application's pages, `<website id>-<slug>`; null as the name. */
      key: Nullable(Type.String()),
      images: Type.Integer(),
      size_bytes: Nullable(Type.Integer()),
    }),
  ),
  /** Images that the database does not know; the next cleaning removes them. */
  unknown: Type.Object({ images: Type.Integer(), size_bytes: Nullable(Type.Integer()) }),
});
export type AllImages = Static<typeof AllImages>;
