/** A master key this installation has sealed values with; the key itself lies in a file, never here. */
export interface MasterKeyRow {
  /** First 16 hex digits of the key's SHA-256. */
  key_id: string;
  created_at: string;
}

export interface RepositoryKeyRow {
  repository_uuid: string;
  /** PEM, SubjectPublicKeyInfo. */
  public_key: string;
  /** PKCS#8 PEM, sealed in the context `repository_key:<uuid>`. */
  private_key_sealed: string;
  created_at: string;
}

export interface SecretsTables {
  master_keys: MasterKeyRow;
  repository_keys: RepositoryKeyRow;
}
