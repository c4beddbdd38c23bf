import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import { Broken, NotFound } from './shell/Broken.tsx';
import { Guarded } from './shell/Guarded.tsx';
import { Shell } from './shell/Shell.tsx';

/** A page is loaded when somebody goes there. */
const page = (load: () => Promise<{ default: ComponentType }>): Pick<RouteObject, 'lazy'> => ({
  lazy: async () => ({ Component: (await load()).default }),
});

export const routes: RouteObject[] = [
  {
    ErrorBoundary: Broken,
    HydrateFallback: () => null,
    children: [
      { path: '/sign-in', ...page(() => import('./sign-in/SignIn.tsx')) },
      { path: '/setup', ...page(() => import('./setup/Setup.tsx')) },
      { path: '/preflight', ...page(() => import('./preflight/Preflight.tsx')) },
      {
        Component: Guarded,
        children: [
          {
            Component: Shell,
            // A page that breaks leaves the navigation as it is.
            children: [
              {
                ErrorBoundary: Broken,
                children: [
                  { path: '/', ...page(() => import('./overview/Overview.tsx')) },
                  { path: '/appliances', ...page(() => import('./appliances/Appliances.tsx')) },
                  { path: '/appliances/:id', ...page(() => import('./appliance/Appliance.tsx')) },
                  { path: '/trust', ...page(() => import('./trust/Trust.tsx')) },
                  { path: '/channels', ...page(() => import('./channels/Channels.tsx')) },
                  { path: '/audit', ...page(() => import('./audit/Audit.tsx')) },
                  { path: '/access', ...page(() => import('./access/Access.tsx')) },
                  { path: '/settings', ...page(() => import('./settings/Settings.tsx')) },
                  { path: '/rules', ...page(() => import('./rules/Rules.tsx')) },
                  { path: '/rules/:id', ...page(() => import('./rules/Rules.tsx')) },
                  { path: '*', Component: NotFound },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
];
