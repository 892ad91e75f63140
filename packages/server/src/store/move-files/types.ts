import type { Bucket } from '../blobs/s3/bucket.ts';
import type { Store } from '../index.ts';

/** What a move works with. */
export interface Move {
  readonly store: Pick<Store, 'db' | 'transaction'>;
  readonly dataDir: string;
  readonly bucket: Bucket;
}
