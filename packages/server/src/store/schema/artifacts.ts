import type { Generated } from 'kysely';

/** `ci_artifacts` is written and read by ci, the others by the store alone. */
export interface ArtifactsTables {
  ci_artifacts: CiArtifactRow;
  log_streams: LogStreamRow;
  log_chunks: LogChunkRow;
}

/** A file that a job has left. */
export interface CiArtifactRow {
  id: Generated<number>;
  repository_uuid: string;
  job_id: number;
  attempt: number;
  /** As people see it: relative, with slashes, without `..`. */
  path: string;
  /** Key in the store of blobs. */
  blob: string;
  size_bytes: number;
  /** In hex. */
  sha256: string;
  created_at: string;
  expires_at: string;
}

/** A log that was begun while blobs are kept in a bucket. Its first bytes are in the bucket, the others in chunks. */
export interface LogStreamRow {
  stream_id: string;
  /** How much of it is in the bucket; part of the name there. */
  archived_bytes: number;
  /** Of those bytes, in hex; null while there are none. */
  sha256: string | null;
  ended_at: string | null;
}

export interface LogChunkRow {
  stream_id: string;
  start_byte: number;
  /** Not included. */
  end_byte: number;
  /** Base64: a column that every database has and every tool can copy. */
  data: string;
  /** Milliseconds since the epoch. */
  arrived_at: number;
}
