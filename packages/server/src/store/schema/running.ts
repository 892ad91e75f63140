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
  created_at: string;
}

export interface RunningTables {
  instance_samples: InstanceSampleRow;
  domains: DomainRow;
}
