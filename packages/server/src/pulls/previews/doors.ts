/** What previews ask of the rooms that know applications and deployments; `server.ts` opens these doors. */
export interface PreviewDoors {
  /** The application that is made from a repository; null: none, or it was removed. */
  application(
    repositoryUuid: string,
  ): Promise<{ readonly uuid: string; readonly slug: string } | null>;
  /** An environment by its slug, if there is one. */
  find(
    applicationUuid: string,
    slug: string,
  ): Promise<{ readonly uuid: string; readonly branch: string } | null>;
  /**
   * An empty environment that asks for no build of its own: that of the pull request has passed. Throws `invalid` where
   * the slug cannot be had.
   */
  create(
    application: { readonly uuid: string; readonly slug: string },
    environment: { readonly slug: string; readonly branch: string },
  ): Promise<string>;
  setVariable(
    environmentUuid: string,
    variable: { readonly name: string; readonly value: string; readonly isSensitive: boolean },
  ): Promise<void>;
  unsetVariable(environmentUuid: string, name: string): Promise<void>;
  /** One signal for each key, however often it is sent. Throws `not_found` when the environment is gone. */
  deploy(environmentUuid: string, sha: string, key: string): Promise<void>;
  /** Removes it, with what runs in it. Idempotent. */
  remove(environmentUuid: string): Promise<void>;
  url(environmentUuid: string): Promise<string | null>;
}
