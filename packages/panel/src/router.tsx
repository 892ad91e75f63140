import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
} from '@tanstack/react-router';
import { deploymentsSearch } from './pages/deployments/search.ts';
import { wizardSearch } from './pages/new-application/search.ts';
import { Broken, NotFound } from './shell/broken.tsx';
import { Frame } from './shell/frame.tsx';

/** The route tree. Every page is loaded when it is first gone to, so that the first one is small. */
const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const open = {
  signIn: createRoute({
    getParentRoute: () => root,
    path: '/sign-in',
    validateSearch: (search): { next?: string; error?: string; second_factor?: string } => ({
      ...(typeof search['next'] === 'string' ? { next: search['next'] } : {}),
      ...(typeof search['error'] === 'string' ? { error: search['error'] } : {}),
      ...(typeof search['second_factor'] === 'string'
        ? { second_factor: search['second_factor'] }
        : {}),
    }),
    component: lazyRouteComponent(() => import('./pages/sign-in/page.tsx'), 'Page'),
  }),
  setup: createRoute({
    getParentRoute: () => root,
    path: '/setup/$token',
    component: lazyRouteComponent(() => import('./pages/setup/page.tsx'), 'Page'),
  }),
  invitation: createRoute({
    getParentRoute: () => root,
    path: '/invitation/$token',
    component: lazyRouteComponent(() => import('./pages/invitation/page.tsx'), 'Page'),
  }),
};

const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Frame });

const general = [
  createRoute({
    getParentRoute: () => frame,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/dashboard/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/applications/new',
    validateSearch: wizardSearch,
    component: lazyRouteComponent(() => import('./pages/new-application/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/import',
    component: lazyRouteComponent(() => import('./pages/import/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/builds/$build',
    component: lazyRouteComponent(() => import('./pages/build/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/jobs/$job',
    component: lazyRouteComponent(() => import('./pages/job/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/deployments/$deployment',
    component: lazyRouteComponent(() => import('./pages/deployment/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/people',
    component: lazyRouteComponent(() => import('./pages/people/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/machine-users',
    component: lazyRouteComponent(() => import('./pages/machine-users/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/audit-log',
    component: lazyRouteComponent(() => import('./pages/audit-log/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/runners',
    component: lazyRouteComponent(() => import('./pages/runners/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/images',
    component: lazyRouteComponent(() => import('./pages/images/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/system',
    component: lazyRouteComponent(() => import('./pages/system/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/account',
    component: lazyRouteComponent(() => import('./pages/account/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/account/security',
    component: lazyRouteComponent(() => import('./pages/account/security.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/account/tokens',
    component: lazyRouteComponent(() => import('./pages/account/tokens.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/account/desktop-client/access-token',
    component: lazyRouteComponent(() => import('./pages/account/desktop-token.tsx'), 'Page'),
  }),
  // Addresses that existing clients open (spec/divio.md 4.4).
  createRoute({
    getParentRoute: () => frame,
    path: '/o/$organisation/app/$app',
    component: lazyRouteComponent(() => import('./pages/dashboard/old-address.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/control/$any/edit/$app/$',
    component: lazyRouteComponent(() => import('./pages/dashboard/old-address.tsx'), 'Page'),
  }),
];

const application = createRoute({
  getParentRoute: () => frame,
  path: '/applications/$app',
  component: lazyRouteComponent(() => import('./pages/application/layout.tsx'), 'Page'),
});

const ofApplication = application.addChildren([
  createRoute({
    getParentRoute: () => application,
    path: '/',
    component: lazyRouteComponent(() => import('./pages/application/pipeline.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/commits',
    component: lazyRouteComponent(() => import('./pages/application/commits.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/commits/$sha',
    component: lazyRouteComponent(() => import('./pages/why/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/builds',
    component: lazyRouteComponent(() => import('./pages/application/builds.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/pulls',
    component: lazyRouteComponent(() => import('./pages/pulls/list.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/pulls/$number',
    component: lazyRouteComponent(() => import('./pages/pulls/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/deployments',
    validateSearch: deploymentsSearch,
    component: lazyRouteComponent(() => import('./pages/deployments/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/variables',
    component: lazyRouteComponent(() => import('./pages/variables/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/domains',
    component: lazyRouteComponent(() => import('./pages/domains/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/images',
    component: lazyRouteComponent(() => import('./pages/images/application.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/insights',
    component: lazyRouteComponent(() => import('./pages/insights/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/settings',
    component: lazyRouteComponent(() => import('./pages/settings/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/environments/$env',
    component: lazyRouteComponent(() => import('./pages/environment/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/environments/$env/services',
    component: lazyRouteComponent(() => import('./pages/services/page.tsx'), 'Page'),
  }),
  createRoute({
    getParentRoute: () => application,
    path: '/environments/$env/cron',
    component: lazyRouteComponent(() => import('./pages/cron/page.tsx'), 'Page'),
  }),
]);

export const router = createRouter({
  routeTree: root.addChildren([
    open.signIn,
    open.setup,
    open.invitation,
    frame.addChildren([...general, ofApplication]),
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: Broken,
  defaultNotFoundComponent: NotFound,
  scrollRestoration: true,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
