import { useDocumentState } from '../../shell/document-state.ts';
import { PageHeader } from '../../ui/layout.tsx';

export function Page() {
  useDocumentState('People');
  return <PageHeader title="People" />;
}
