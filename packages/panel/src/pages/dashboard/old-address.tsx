import { useDocumentState } from '../../shell/document-state.ts';
import { PageHeader } from '../../ui/layout.tsx';

export function Page() {
  useDocumentState('Moving');
  return <PageHeader title="Moving" />;
}
