import type { Selectable } from 'kysely';
import type { BuildRow, JobRow } from '../store/schema/ci.ts';

export type Build = Selectable<BuildRow>;
export type Job = Selectable<JobRow>;
