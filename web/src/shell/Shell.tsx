import { AppShell, Burger, Group, UnstyledButton } from '@mantine/core';
import { useDisclosure, useMediaQuery } from '@mantine/hooks';
import { type RefObject, Suspense, useEffect, useRef } from 'react';
import { Link, Outlet, useLocation } from 'react-router';
import { useLiveUpdates } from '../api/events.ts';
import { Mark } from '../parts/Mark.tsx';
import { SchemeSwitch } from '../parts/SchemeSwitch.tsx';
import { Account } from './Account.tsx';
import { ConsoleBanner, NotLive } from './Banners.tsx';
import { Places } from './Places.tsx';
import classes from './Shell.module.css';
import { useScrollMemory } from './useScrollMemory.ts';

/** What stands around every page: where one can go, who one is, whether the page is live. */
export function Shell() {
  const drawer = useDrawer();
  const { pathname } = useLocation();
  const live = useLiveUpdates();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useScrollMemory();
  useEffect(() => {
    // Whoever hears the page instead of seeing it learns that it is another one now.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
  }, [pathname]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !drawer.opened } }}
      padding="md"
    >
      <SkipLink main={main} />
      <AppShell.Header onKeyDown={drawer.onKeyDown}>
        <Head drawer={drawer} />
      </AppShell.Header>
      <AppShell.Navbar
        p="xs"
        component="nav"
        aria-label="Main"
        id="navigation"
        ref={drawer.nav}
        // Out of sight, it is out of the way of the Tab key, too.
        inert={drawer.isNarrow && !drawer.opened}
        onKeyDown={drawer.onKeyDown}
      >
        <Places onGo={drawer.close} />
      </AppShell.Navbar>
      <AppShell.Main
        id="main"
        ref={main}
        tabIndex={-1}
        className={classes['main']}
        inert={drawer.isNarrow && drawer.opened}
      >
        <NotLive live={live} />
        <ConsoleBanner />
        <Suspense>
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function SkipLink({ main }: { main: RefObject<HTMLElement | null> }) {
  return (
    <a
      className="skip-link"
      href="#main"
      onClick={(event) => {
        // The address stays that of the page: it is shared, and its fragment means something on some.
        event.preventDefault();
        main.current?.focus();
      }}
    >
      Skip to the content
    </a>
  );
}

function Head({ drawer }: { drawer: ReturnType<typeof useDrawer> }) {
  return (
    <Group h="100%" px="md" justify="space-between" wrap="nowrap" gap="xs">
      <Group gap="sm" wrap="nowrap">
        <Burger
          ref={drawer.burger}
          opened={drawer.opened}
          onClick={drawer.toggle}
          hiddenFrom="sm"
          size="sm"
          aria-label="Navigation"
          aria-expanded={drawer.opened}
          aria-controls="navigation"
        />
        <UnstyledButton component={Link} to="/" aria-label="Certgate, overview">
          <Mark />
        </UnstyledButton>
      </Group>
      <Group gap="xs" wrap="nowrap" miw={0}>
        <SchemeSwitch />
        <Account />
      </Group>
    </Group>
  );
}

/** On a telephone the navigation covers the page: it has the focus while it is open, and gives it back. */
function useDrawer() {
  const [opened, { toggle, close }] = useDisclosure();
  // As the theme's breakpoint `sm`.
  const isNarrow = useMediaQuery('(max-width: 47.99375em)', false, { getInitialValueInEffect: false });
  const nav = useRef<HTMLDivElement>(null);
  const burger = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const links = opened ? [...(nav.current?.querySelectorAll('a') ?? [])] : [];
    (links.find((link) => link.hasAttribute('aria-current')) ?? links[0])?.focus();
  }, [opened]);
  const onKeyDown = ({ key }: { key: string }): void => {
    if (key !== 'Escape' || !opened) return;
    close();
    burger.current?.focus();
  };
  return { opened: opened && isNarrow, isNarrow, toggle, close, nav, burger, onKeyDown };
}
