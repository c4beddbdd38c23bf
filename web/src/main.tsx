import '@mantine/core/styles.css';
import './app.css';
import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createBrowserRouter, RouterProvider } from 'react-router';
import { noticeEnd } from './api/ending.ts';
import { SESSION, SESSION_QUERY } from './api/session.ts';
import { RequestFailed, whenSignedOut } from './api/request.ts';
import { routes } from './routes.tsx';
import { theme } from './theme.ts';

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      // What was refused is refused again; a lost connection may come back.
      retry: (failures, error) => failures < 2 && error instanceof RequestFailed && error.problem.status === 0,
    },
  },
});
void client.prefetchQuery(SESSION_QUERY);
whenSignedOut(() => {
  noticeEnd();
  client.setQueryData(SESSION, null);
});

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
// Where the library that keeps the page still behind a dialog looks for it.
Object.assign(globalThis, { __webpack_nonce__: nonce });

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={client}>
        <RouterProvider router={createBrowserRouter(routes)} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
