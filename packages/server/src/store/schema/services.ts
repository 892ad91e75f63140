export interface ServiceInstanceRow {
  uuid: string;
  application_uuid: string;
  environment_uuid: string;
  kind: 'postgresql' | 'redis' | 'storage';
  /** Upper-case; unique for its kind in the environment. */
  prefix: string;
  /** `<environment>:<kind>:<prefix>`, which only one that is not removed may have; a removed one's ends in its uuid. */
  place: string;
  /** `provisioning` until it first answered; `removed`: its data are kept for a while and it can come back. */
  state: 'provisioning' | 'ready' | 'removed';
  /** Why it cannot be used now, one line; null: nothing is known to be wrong. */
  problem: string | null;
  /** Null for what needs no program, such as storage. Stays as it was made with: data belong to a version. */
  image: string | null;
  /** JSON, sealed for `service_instance:<uuid>`. */
  credentials_sealed: string;
  created_by: string;
  created_at: string;
  ready_at: string | null;
  removed_by: string | null;
  removed_at: string | null;
}

export interface ServicesTables {
  service_instances: ServiceInstanceRow;
}
