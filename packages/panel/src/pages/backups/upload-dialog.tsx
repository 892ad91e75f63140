import type { ServiceInstance } from '@sluice/contract';
import { useId, useState } from 'react';
import { uploadBackup } from '../../api/backups.ts';
import { backups as text } from '../../text/backups.ts';
import { FormDialog } from '../../ui/dialog.tsx';
import { SelectField } from '../../ui/field.tsx';
import { ErrorNote } from '../../ui/notes.tsx';
import { useToast } from '../../ui/toasts.tsx';
import { useControl } from '../running/use-control.ts';
import { serviceName } from '../services/names.ts';

export function UploadDialog({
  environment,
  services,
  onClose,
}: {
  environment: string;
  services: readonly ServiceInstance[];
  onClose: () => void;
}) {
  const [service, setService] = useState(services[0]?.uuid ?? '');
  const [file, setFile] = useState<File | null>(null);
  const say = useToast();
  const field = useId();
  const upload = useControl(
    (given: File) => uploadBackup(environment, service, given, text.uploadFailed),
    () => {
      onClose();
      say(text.uploaded);
    },
  );
  return (
    <FormDialog
      title={text.upload}
      action={text.uploadAction}
      busy={upload.isPending}
      disabled={file === null}
      onSubmit={() => file !== null && upload.mutate(file)}
      onClose={onClose}
    >
      <SelectField label={text.uploadService} value={service} onChange={setService}>
        {services.map((one) => (
          <option key={one.uuid} value={one.uuid}>
            {serviceName(one)}
          </option>
        ))}
      </SelectField>
      <div className="flex flex-col gap-1 text-sm">
        <label htmlFor={field} className="font-medium">
          {text.uploadFile}
        </label>
        <input
          id={field}
          type="file"
          aria-describedby={`${field}-hint`}
          onChange={({ target }) => setFile(target.files?.[0] ?? null)}
        />
        <p id={`${field}-hint`} className="text-xs text-muted">
          {text.uploadHint}
        </p>
      </div>
      <ErrorNote error={upload.error} />
    </FormDialog>
  );
}
