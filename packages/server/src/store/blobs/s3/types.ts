/** Where a bucket is and who may use it. */
export interface S3Options {
  /** `https://s3.example.com`, without a path. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** Before every key; empty, or with a slash at its end. */
  readonly prefix: string;
  /** The bucket in the path of the URL; false: in its host name. */
  readonly pathStyle: boolean;
  readonly accessKey: string;
  readonly secretKey: string;
  /** Of temporary credentials; empty: none. */
  readonly sessionToken: string;
  /** An answer that takes longer to begin, or stands still for longer, has failed. */
  readonly timeoutMs: number;
}
