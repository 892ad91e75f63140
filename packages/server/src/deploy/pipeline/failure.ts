import { SluiceError } from '../../errors.ts';
import { FenceLost } from '../pipeline-types.ts';
import { RuntimeFailure } from '../runtimes/runtime.ts';

/** Ends a deployment as FAILED. The message is for its log and its page, and stands by itself. */
export class StepFailure extends Error {
  override readonly name = 'StepFailure';
  readonly reasonCode: string;

  constructor(reasonCode: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reasonCode = reasonCode;
  }
}

/** What to tell about an error that ended a deployment. `FenceLost` and cancellations are not for this. */
export function explainFailure(error: unknown): { reasonCode: string; reason: string } {
  if (isDiskFull(error)) {
    return { reasonCode: 'disk_full', reason: 'The disk is full. Make room and deploy again.' };
  }
  if (error instanceof StepFailure || error instanceof RuntimeFailure) {
    return { reasonCode: error.reasonCode, reason: error.message };
  }
  if (error instanceof SluiceError) {
    const remedy = error.remedy === null ? '' : ` ${error.remedy}`;
    return { reasonCode: error.reason ?? error.code, reason: `${error.message}${remedy}` };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { reasonCode: 'internal', reason: `Sluice could not go on: ${text}` };
}

/** Of the file system, of SQLite, or of a program that says so; the cause counts too. */
function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return (
    /ENOSPC|no space left on device|disk is full/i.test(error.message) || isDiskFull(error.cause)
  );
}

export function isFenceLost(error: unknown): error is FenceLost {
  return error instanceof FenceLost;
}
