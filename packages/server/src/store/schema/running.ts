/** One moment (`step` 15) or the mean of one stretch (`step` 300) of what an instance used. */
export interface InstanceSampleRow {
  instance_uuid: string;
  environment_uuid: string;
  /** Seconds that the row stands for. */
  step: number;
  /** Seconds since 1970, a multiple of `step`: when the stretch begins. */
  at: number;
  /** Of one core: 200 is two cores. */
  cpu_percent: number;
  memory_bytes: number;
  processes: number;
  /** How often it ended by itself in that stretch. */
  restarts: number;
}

/** A host name of the user's own for an environment. */
export interface DomainRow {
  uuid: string;
  environment_uuid: string;
  /** Lower case, in its ASCII form. Unique over the installation: a name leads to one place. */
  name: string;
  /** 0 or 1; at most one of an environment. */
  is_primary: number;
  /** 0 or 1; never with `is_primary`. */
  is_redirect: number;
  created_at: string;
}

/** What was last found out about a domain (spec/divio.md 7). */
export interface DomainCheckRow {
  domain_uuid: string;
  /** here | elsewhere | nowhere | unknown */
  points: string;
  /** JSON array of what it resolves to. */
  addresses: string;
  /** issued | pending */
  certificate: string;
  issuer: string | null;
  expires_at: string | null;
  /** A sentence for people. */
  detail: string;
  checked_at: string;
  next_check_at: string;
}

export interface RunningTables {
  instance_samples: InstanceSampleRow;
  domains: DomainRow;
  domain_checks: DomainCheckRow;
}
