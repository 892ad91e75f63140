import type { HttpContext } from '../context.ts';
import type { TravisAccess } from './access.ts';

/** What every file of the Travis API's routes is given. */
export interface TravisContext extends HttpContext {
  readonly access: TravisAccess;
}
