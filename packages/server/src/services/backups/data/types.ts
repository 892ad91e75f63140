import type { ServiceBackupRow } from '../../../store/schema/service-backups.ts';

export type Format = NonNullable<ServiceBackupRow['format']>;
export type Bytes = AsyncIterable<Uint8Array>;

/** What a service holds, copied and replaced while the service runs. Failures are `DataFailure`s. */
export interface ServiceData {
  /** Of what `dump` gives. */
  readonly format: Format;
  /** All of it at one moment. A dump that failed throws at the end of what came. */
  dump(signal: AbortSignal): Bytes;
  /** Puts a dump beside what is there, under the name of the restore `id`; what is there stays as it is. */
  load(id: string, dump: Bytes, format: Format, signal: AbortSignal): Promise<void>;
  /** Puts what was loaded in the place of what is there: all of it or nothing, whoever dies meanwhile. */
  switch(id: string): Promise<void>;
  /** Whether it was switched, also by a server that died in it; where not, it never will be without another `load`. */
  wasSwitched(id: string): Promise<boolean>;
  /** Removes what was loaded, or what was there before the switch. May be called again. */
  clean(id: string): Promise<void>;
}

/** Why a dump or a restore did not come about, for people. */
export class DataFailure extends Error {
  override readonly name = 'DataFailure';
}
