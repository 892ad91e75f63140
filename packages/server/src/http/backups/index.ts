import type { App, HttpContext } from '../context.ts';
import { registerBackups } from './backups.ts';
import { registerBackupDownloads } from './downloads.ts';
import { registerBackupFiles } from './files.ts';
import { registerBackupRestores } from './restores.ts';
import { registerBackupSchedules } from './schedules.ts';
import { registerV1Pull } from './v1-pull.ts';
import { registerV1Push } from './v1-push.ts';

/** Backups of services, as Divio's clients know them, and Sluice's schedules and copies. */
export function registerServiceBackups(app: App, context: HttpContext): void {
  registerBackups(app, context);
  registerBackupDownloads(app, context);
  registerBackupFiles(app, context);
  registerBackupRestores(app, context);
  registerBackupSchedules(app, context);
  registerV1Pull(app, context);
  registerV1Push(app, context);
}
