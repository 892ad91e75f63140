import { useSuspenseQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { overviewQuery } from '../../api/overview.ts';
import { useDocumentState } from '../../shell/document-state.ts';
import { onboarding as text } from '../../text/onboarding.ts';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/layout.tsx';
import { Watch } from '../onboarding/watch.tsx';
import { ConnectStep } from './connect-step.tsx';
import { ExampleStep } from './example-step.tsx';
import { ImportStep } from './import-step.tsx';
import { NameStep } from './name-step.tsx';
import { PushStep } from './push-step.tsx';
import { type WizardSearch, wizardSearch } from './search.ts';
import { SourceStep } from './source-step.tsx';
import { Steps } from './steps.tsx';

/** From a name to a page that answers: each step stands in the address. */
export function Page() {
  useDocumentState(text.title);
  const search = wizardSearch(useSearch({ strict: false }));
  const navigate = useNavigate();
  const { data } = useSuspenseQuery(overviewQuery);
  const id = Number(/^\d+/.exec(search.app ?? '')?.[0]);
  const application = data.applications.find((one) => one.id === id);
  const go = (to: WizardSearch) => void navigate({ to: '/applications/new', search: to });
  const { app = '', way, commit } = search;
  const watch = (sha: string) => go({ app, ...(way === undefined ? {} : { way }), commit: sha });
  const step = application === undefined ? 0 : commit !== undefined ? 3 : way === undefined ? 1 : 2;
  return (
    <>
      <PageHeader
        title={application === undefined ? text.title : application.name}
        actions={step === 2 && <Button onClick={() => go({ app })}>{text.otherWay}</Button>}
      />
      <Steps current={step} />
      {application === undefined ? (
        <NameStep onMade={(made) => go({ app: made })} />
      ) : commit !== undefined ? (
        <Watch key={commit} application={application} sha={commit} />
      ) : way === undefined ? (
        <SourceStep onChoose={(chosen) => go({ app, way: chosen })} />
      ) : way === 'example' ? (
        <ExampleStep application={application} onCommitted={watch} />
      ) : way === 'push' ? (
        <PushStep application={application} onCommitted={watch} />
      ) : way === 'connect' ? (
        <ConnectStep application={application} onGoOn={watch} />
      ) : (
        <ImportStep
          application={application}
          onPush={() => go({ app, way: 'push' })}
          onCommitted={watch}
        />
      )}
    </>
  );
}
