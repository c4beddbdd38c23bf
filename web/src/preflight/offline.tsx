import '@mantine/core/styles.css';
import '../app.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { theme } from '../theme.ts';
import Preflight from './Preflight.tsx';

/** Preflight alone, for the one file that is saved and opened where there is no network. */

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

createRoot(document.querySelector('#root')!).render(
  <StrictMode>
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <Preflight />
    </MantineProvider>
  </StrictMode>,
);
