import { Anchor, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { Mark } from '../parts/Mark.tsx';
import { SchemeSwitch } from '../parts/SchemeSwitch.tsx';
import classes from './Preflight.module.css';

/** What stands around the page for somebody who has not signed in, or has no server at all. */
export function Frame({ children }: { children: ReactNode }) {
  return (
    <>
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <header className={classes['header']}>
        <Mark />
        <Group gap="sm" wrap="nowrap">
          {!OFFLINE && (
            <Anchor href="/" size="sm">
              To the console
            </Anchor>
          )}
          <SchemeSwitch />
        </Group>
      </header>
      <main id="main" className={classes['main']}>
        {children}
      </main>
    </>
  );
}

/** The page was saved, and runs from a file: there is nothing to go to. */
export const OFFLINE = import.meta.env.MODE === 'offline';
