import { ActionIcon, Alert, AppShell, Burger, Group, Menu, NavLink, Text, UnstyledButton } from '@mantine/core';
import { useMantineColorScheme, useComputedColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import {
  IconBook,
  IconCertificate,
  IconChevronDown,
  IconClipboardCheck,
  IconGauge,
  IconHistory,
  IconMoon,
  IconRoute,
  IconSettings,
  IconShieldCheck,
  IconSun,
  IconUsers,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Suspense, useEffect, useRef } from 'react';
import { Link, NavLink as RouterLink, Outlet, useLocation, useNavigate } from 'react-router';
import type { z } from 'zod';
import type { consoleSchema } from '../../../src/http/contract/console.ts';
import { useLiveUpdates } from '../api/events.ts';
import { get } from '../api/request.ts';
import { ROLE_NAMES, useSession, useSigning } from '../api/session.ts';
import { Mark } from '../parts/Mark.tsx';

const PLACES = [
  { to: '/', label: 'Overview', icon: IconGauge },
  { to: '/appliances', label: 'Appliances', icon: IconCertificate },
  { to: '/channels', label: 'Channels', icon: IconRoute },
  { to: '/trust', label: 'Trust', icon: IconShieldCheck },
  { to: '/audit', label: 'Audit', icon: IconHistory, notFor: ['reader'] },
  { to: '/access', label: 'Users and tokens', icon: IconUsers },
  { to: '/settings', label: 'Settings', icon: IconSettings },
  { to: '/rules', label: 'Rules', icon: IconBook },
  { to: '/preflight', label: 'Preflight', icon: IconClipboardCheck },
];

/** What stands around every page: where one can go, who one is, whether the page is live. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const { pathname } = useLocation();
  const live = useLiveUpdates();
  const { session } = useSession();
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    close();
    // Whoever hears the page instead of seeing it learns that it is another one now.
    if (!first.current) main.current?.focus({ preventScroll: true });
    first.current = false;
    window.scrollTo(0, 0);
  }, [pathname, close]);
  return (
    <AppShell
      header={{ height: 56 }}
      navbar={{ width: 220, breakpoint: 'sm', collapsed: { mobile: !opened } }}
      padding="md"
    >
      <a className="skip-link" href="#main">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap">
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <UnstyledButton component={Link} to="/" aria-label="Certgate, overview">
              <Mark />
            </UnstyledButton>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <SchemeSwitch />
            <Account />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" component="nav" aria-label="Main">
        {PLACES.filter(({ notFor }) => !notFor?.includes(session?.user.role ?? '')).map(({ to, label, icon: Icon }) => (
          <NavLink
            key={to}
            component={RouterLink}
            to={to}
            end={to === '/'}
            label={label}
            leftSection={<Icon size={18} stroke={1.7} aria-hidden />}
            active={to === '/' ? pathname === '/' : pathname.startsWith(to)}
            variant="light"
          />
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" ref={main} tabIndex={-1} style={{ outline: 'none' }}>
        {!live && (
          <Alert color="yellow" mb="md" title="Not live" role="status">
            The connection to the server is broken; what you see may be old. We go on trying.
          </Alert>
        )}
        <ConsoleBanner />
        <Suspense>
          <Outlet />
        </Suspense>
      </AppShell.Main>
    </AppShell>
  );
}

function SchemeSwitch() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
      aria-label={dark ? 'Light colours' : 'Dark colours'}
    >
      {dark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}

function Account() {
  const { session } = useSession();
  const { signOut } = useSigning();
  const navigate = useNavigate();
  if (session === null || session === undefined) return null;
  const { name, role } = session.user;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton aria-label={`Signed in as ${name}`}>
          <Group gap={4} wrap="nowrap">
            <div>
              <Text size="sm" fw={600} lh={1.2}>
                {name}
              </Text>
              <Text size="xs" c="dimmed" lh={1.2}>
                {ROLE_NAMES[role]}
              </Text>
            </div>
            <IconChevronDown size={14} aria-hidden />
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={() => void navigate('/access')}>Password and tokens</Menu.Item>
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** What is the matter with the certificate that this very page came over. */
function ConsoleBanner() {
  const { data } = useQuery({
    queryKey: ['console'],
    queryFn: () => get<z.output<typeof consoleSchema>>('/console'),
  });
  if (data?.banner === undefined) return null;
  return (
    <Alert color={data.origin === 'self-signed' ? 'yellow' : 'red'} mb="md" role="status">
      {data.banner}
    </Alert>
  );
}
