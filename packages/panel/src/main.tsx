import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { isMissing } from './api/client.ts';
import { queryClient } from './api/query-client.ts';
import { router } from './router.tsx';
import { reloadForNewVersion } from './shell/new-version.ts';
import { ToastProvider } from './ui/toasts.tsx';

const element = document.getElementById('root');
if (element === null) throw new Error('index.html has no #root');

reloadForNewVersion();
createRoot(element, {
  onCaughtError: (error, { componentStack }) => {
    // A page that is not there is an answer, not a fault of the panel.
    if (!isMissing(error)) console.error(error, componentStack);
  },
}).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <ToastProvider>
        <RouterProvider router={router} />
      </ToastProvider>
    </QueryClientProvider>
  </StrictMode>,
);
