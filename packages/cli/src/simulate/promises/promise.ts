import type { StormRecord } from '../record.ts';

/** Something that Sluice promised (spec/ordering.md 7) and did not keep. */
export interface Violation {
  readonly promise: string;
  readonly text: string;
}

/** Looks at what was seen and says what is wrong with it, one sentence each. */
export type Promised = (record: StormRecord) => readonly string[];
